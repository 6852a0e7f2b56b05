//! Which error of a use case is which problem. The chain of causes is logged here, once.

use super::{FactorKind, Failure, Kind, sign_on};
use crate::language::Language;
use control::{BackupObstacle, ConflictReason, ControlError, Crowd, MoveObstacle};

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Invalid(fields) => Self::fields(fields),
            ControlError::NotFound(_) => Self::of(Kind::NotFound),
            ControlError::Forbidden => Self::of(Kind::Forbidden),
            ControlError::Unauthenticated => Self::of(Kind::Unauthenticated),
            ControlError::BadCredentials => Self::of(Kind::Credentials),
            ControlError::PasswordBarred => Self::of(Kind::PasswordBarred),
            ControlError::SignOn(refusal) => sign_on::failure(refusal),
            ControlError::BadFactor => factor(FactorKind::Bad),
            ControlError::ChallengeOver => factor(FactorKind::ChallengeOver),
            ControlError::FactorRequired => factor(FactorKind::Required),
            ControlError::StepUpRequired(methods) => factor(FactorKind::StepUp).with_methods(methods),
            ControlError::Limited { retry_after } => Self::of(Kind::Limited).after(retry_after),
            ControlError::Crowded(Crowd::Downloads, seconds) => {
                Self::of(Kind::DownloadsCrowded).after(seconds)
            }
            ControlError::Crowded(Crowd::Uploads, seconds) => Self::of(Kind::UploadsCrowded).after(seconds),
            ControlError::DiskFull => Self::of(Kind::DiskFull),
            ControlError::LinkOver => Self::of(Kind::LinkOver),
            ControlError::NodeRemoved => Self::of(Kind::NodeRemoved),
            ControlError::Conflict(reason) => conflict(reason),
            ControlError::NodeSilent(node) => detailed(Kind::NodeSilent, node.as_str()),
            ControlError::NotLooked(failure) => {
                detailed(Kind::NotLooked, &super::told(&failure, Language::current()))
            }
            error @ ControlError::Unavailable(_) => {
                log(&error);
                Self::of(Kind::Unavailable)
            }
            error @ ControlError::Internal(_) => {
                log(&error);
                Self::of(Kind::Internal)
            }
        }
    }
}

fn conflict(reason: ConflictReason) -> Failure {
    match reason {
        ConflictReason::NameTaken => Failure::of(Kind::NameTaken),
        ConflictReason::Busy(operation) => Failure::of(Kind::Busy).with_operation(operation),
        ConflictReason::State { .. } => Failure::of(Kind::State),
        ConflictReason::IdempotencyKeyReused => Failure::of(Kind::IdempotencyKeyReused),
        ConflictReason::KeyNameTaken => Failure::of(Kind::KeyNameTaken),
        ConflictReason::EmailTaken => Failure::of(Kind::EmailTaken),
        ConflictReason::OrganizationNameTaken => Failure::of(Kind::OrganizationNameTaken),
        ConflictReason::ProviderNameTaken => Failure::of(Kind::ProviderNameTaken),
        ConflictReason::FactorThere => factor(FactorKind::There),
        ConflictReason::FactorMissing => factor(FactorKind::Missing),
        ConflictReason::FactorWanted => factor(FactorKind::Wanted),
        ConflictReason::PasskeyKnown => factor(FactorKind::PasskeyKnown),
        ConflictReason::TooManyPasskeys => factor(FactorKind::TooManyPasskeys),
        ConflictReason::PasskeysUnavailable => factor(FactorKind::PasskeysUnavailable),
        ConflictReason::LastOwner => Failure::of(Kind::LastOwner),
        ConflictReason::JustRefreshed => Failure::of(Kind::JustRefreshed),
        ConflictReason::NoTemplate => Failure::of(Kind::NoTemplate),
        ConflictReason::NoRoom(obstacles) => {
            let each = obstacles
                .iter()
                .map(|(node, obstacle)| format!("{node}: {obstacle}"));
            detailed(Kind::NoRoom, &each.collect::<Vec<_>>().join("; "))
        }
        ConflictReason::NodeInUse(left) => {
            let words =
                Language::current().pick("tenants: {1}, operations: {2}", "espacios: {1}, operaciones: {2}");
            let words = words.replace("{1}", &left.tenants.to_string());
            detailed(
                Kind::NodeInUse,
                &words.replace("{2}", &left.operations.to_string()),
            )
        }
        ConflictReason::NodeLost(node) => detailed(Kind::NodeLost, node.as_str()),
        ConflictReason::NodeNotLost => Failure::of(Kind::NodeNotLost),
        ConflictReason::OperationBegun => Failure::of(Kind::OperationBegun),
        ConflictReason::NothingToDecide => Failure::of(Kind::NothingToDecide),
        ConflictReason::PlanChanged => Failure::of(Kind::PlanChanged),
        ConflictReason::MoveRefused(obstacle) => detailed(Kind::MoveRefused, &move_obstacle(&obstacle)),
        ConflictReason::BackupRefused(obstacle) => detailed(Kind::BackupRefused, &backup_obstacle(&obstacle)),
        ConflictReason::NoBackupStore => Failure::of(Kind::NoBackupStore),
        ConflictReason::BackupWaits(operation) => {
            Failure::of(Kind::BackupWaits).with_operation(Some(operation))
        }
        ConflictReason::PlanNameTaken => Failure::of(Kind::PlanNameTaken),
        ConflictReason::ProductNameTaken => Failure::of(Kind::ProductNameTaken),
        ConflictReason::SoldInUse(tenants) => detailed(Kind::SoldInUse, &tenants.to_string()),
        ConflictReason::RegistrationFull => Failure::of(Kind::RegistrationFull),
        ConflictReason::BackupStoreInUse => Failure::of(Kind::BackupStoreInUse),
        ConflictReason::NoUploads => Failure::of(Kind::NoUploads),
        ConflictReason::UploadOffset(there) => detailed(Kind::UploadOffset, &there.to_string()),
        ConflictReason::DrainUnderWay(operation) => detailed(Kind::DrainUnderWay, &operation.to_string()),
        ConflictReason::NoDrain => Failure::of(Kind::NoDrain),
        ConflictReason::TransferOver => Failure::of(Kind::TransferOver),
        ConflictReason::TemplateAdopted => Failure::of(Kind::TemplateAdopted),
        ConflictReason::SupportNever => Failure::of(Kind::SupportNever),
        ConflictReason::SupportUnderWay => Failure::of(Kind::SupportUnderWay),
        ConflictReason::SupportState(state) => detailed(Kind::SupportState, state.as_str()),
        ConflictReason::UpkeepUnderWay(operation) => {
            Failure::of(Kind::UpkeepUnderWay).with_operation(Some(operation))
        }
        ConflictReason::TenantInUse => Failure::of(Kind::TenantInUse),
        ConflictReason::BuildUnderWay => Failure::of(Kind::BuildUnderWay),
    }
}

fn move_obstacle(obstacle: &MoveObstacle) -> String {
    let language = Language::current();
    let (node, words) = match obstacle {
        MoveObstacle::SameNode(node) => (
            Some(node),
            language.pick("it is on {1} already", "ya está en {1}"),
        ),
        MoveObstacle::Away(node) => (
            Some(node),
            language.pick(
                "{1} is not heard of, or stopped",
                "de {1} no hay noticias, o está detenido",
            ),
        ),
        MoveObstacle::OldAgent(node) => (
            Some(node),
            language.pick(
                "the agent of {1} knows nothing of moving; bring it up to date",
                "el agente de {1} no sabe trasladar; actualícelo",
            ),
        ),
        MoveObstacle::Unconfirmed => (
            None,
            language.pick(
                "the copy that its last move left is still kept; confirm that move first",
                "aún se guarda la copia que dejó su último traslado; confírmelo primero",
            ),
        ),
        MoveObstacle::NothingKept => (
            None,
            language.pick(
                "no copy of a move is kept",
                "no se guarda la copia de ningún traslado",
            ),
        ),
    };
    words.replace("{1}", node.map_or("", |node| node.as_str()))
}

fn backup_obstacle(obstacle: &BackupObstacle) -> String {
    let language = Language::current();
    let (what, words) = match obstacle {
        BackupObstacle::OutOfReach(window) => return out_of_reach(*window, language),
        BackupObstacle::NoArchive(node) => (
            node.as_str(),
            language.pick(
                "{1} keeps no archive of its PostgreSQL's log, so that no moment can be reached; install pgbackrest there",
                "{1} no archiva el registro de su PostgreSQL y no se puede volver a ningún momento; instale pgbackrest allí",
            ),
        ),
        BackupObstacle::State(state) => (
            state.as_str(),
            language.pick("it is {1}, and not whole", "está {1}, y no entera"),
        ),
        BackupObstacle::Elsewhere(node) => (
            node.as_str(),
            language.pick(
                "it lies in a folder of {1}, which no other node reaches; restore it there, or move the tenant",
                "está en una carpeta de {1}, a la que no llega otro nodo; restáurela allí o traslade el espacio",
            ),
        ),
        BackupObstacle::OldAgent(node) => (
            node.as_str(),
            language.pick(
                "the agent of {1} knows nothing of backups; bring it up to date",
                "el agente de {1} no sabe de copias de seguridad; actualícelo",
            ),
        ),
    };
    words.replace("{1}", what)
}

fn out_of_reach(window: Option<(jiff::Timestamp, jiff::Timestamp)>, language: Language) -> String {
    let Some((earliest, latest)) = window else {
        let nothing = language.pick(
            "no moment can be reached yet: the first base backup is not whole",
            "aún no se puede volver a ningún momento: la primera copia base no está entera",
        );
        return nothing.to_owned();
    };
    let words = language.pick(
        "this moment is out of reach; any from {1} until {2} can be reached",
        "a ese momento no se puede volver; se puede a cualquiera desde {1} hasta {2}",
    );
    let second = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    words
        .replace("{1}", &second(earliest))
        .replace("{2}", &second(latest))
}

const fn factor(kind: FactorKind) -> Failure {
    Failure::of(Kind::Factor(kind))
}

/// The kind's own words, and what only this case knows.
fn detailed(kind: Kind, more: &str) -> Failure {
    let (_, words) = kind.text(Language::current());
    Failure::of(kind).in_words(format!("{words} {more}."))
}

fn log(error: &ControlError) {
    let mut chain = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        chain.push_str(": ");
        chain.push_str(&error.to_string());
        cause = error.source();
    }
    tracing::error!(request_id = crate::observation::request_id(), "{error}{chain}");
}
