//! What can be wrong with a second factor: status, stable name, words in both languages.

use crate::language::Language;
use axum::http::StatusCode;

/// A kind of problem with second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactorKind {
    /// What was shown is none, or was shown before.
    Bad,
    /// The challenge was answered, or has ended.
    ChallengeOver,
    /// One has to be set up before anything else.
    Required,
    /// The caller has to prove anew who they are.
    StepUp,
    /// Codes are set up already.
    There,
    /// There is none.
    Missing,
    /// The last one has to stay.
    Wanted,
    /// The passkey is somebody's.
    PasskeyKnown,
    /// There are as many passkeys as there may be.
    TooManyPasskeys,
    /// The panel's address has no name that passkeys could be bound to.
    PasskeysUnavailable,
}

impl FactorKind {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Bad => StatusCode::UNAUTHORIZED,
            Self::ChallengeOver => StatusCode::GONE,
            Self::Required | Self::StepUp => StatusCode::FORBIDDEN,
            Self::There
            | Self::Missing
            | Self::Wanted
            | Self::PasskeyKnown
            | Self::TooManyPasskeys
            | Self::PasskeysUnavailable => StatusCode::CONFLICT,
        }
    }

    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Bad => "second-factor",
            Self::ChallengeOver => "challenge-over",
            Self::Required => "second-factor-required",
            Self::StepUp => "step-up-required",
            Self::There => "second-factor-there",
            Self::Missing => "second-factor-missing",
            Self::Wanted => "second-factor-wanted",
            Self::PasskeyKnown => "passkey-known",
            Self::TooManyPasskeys => "too-many-passkeys",
            Self::PasskeysUnavailable => "passkeys-unavailable",
        }
    }

    pub(super) const fn text(self, language: Language) -> (&'static str, &'static str) {
        match language {
            Language::English => self.english(),
            Language::Spanish => self.spanish(),
        }
    }

    const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Bad => (
                "Not signed in",
                "The second factor is not right, or was used before. A code works once; wait for the next.",
            ),
            Self::ChallengeOver => (
                "It took too long",
                "This sign-in was answered or has ended. Begin again.",
            ),
            Self::Required => (
                "Set up a second factor first",
                "Your account must have a second factor before you do anything else: /account/second-factor.",
            ),
            Self::StepUp => (
                "Prove that it is you",
                "This can do great harm, and you last proved who you are some time ago. Prove it anew with one of methods: POST /api/auth/step-up; for sso, sign in again.",
            ),
            Self::There => (
                "Set up already",
                "Codes of an app are set up. Take them away before you set up others.",
            ),
            Self::Missing => (
                "There is none",
                "There is no second factor, or no set-up of one that waits, to do this with.",
            ),
            Self::Wanted => (
                "It has to stay",
                "Your account must have a second factor, and this is the last. Add another first.",
            ),
            Self::PasskeyKnown => ("Known already", "This passkey is known here already."),
            Self::TooManyPasskeys => (
                "Too many passkeys",
                "There are as many passkeys as there may be. Take one away first.",
            ),
            Self::PasskeysUnavailable => (
                "No passkeys here",
                "Passkeys are bound to a host name, and the panel's address has none.",
            ),
        }
    }

    const fn spanish(self) -> (&'static str, &'static str) {
        match self {
            Self::Bad => (
                "No ha entrado",
                "El segundo factor no es correcto o ya se usó. Cada código vale una vez; espere al siguiente.",
            ),
            Self::ChallengeOver => (
                "Tardó demasiado",
                "Este acceso ya se respondió o caducó. Empiece de nuevo.",
            ),
            Self::Required => (
                "Configure antes un segundo factor",
                "Su cuenta debe tener un segundo factor antes de hacer otra cosa: /account/second-factor.",
            ),
            Self::StepUp => (
                "Demuestre que es usted",
                "Esto puede causar gran daño y hace rato que demostró quién es. Demuéstrelo de nuevo con uno de methods: POST /api/auth/step-up; con sso, vuelva a entrar.",
            ),
            Self::There => (
                "Ya está configurado",
                "Los códigos de una aplicación ya están configurados. Retírelos antes de configurar otros.",
            ),
            Self::Missing => (
                "No hay ninguno",
                "No hay un segundo factor, ni una configuración pendiente, con que hacer esto.",
            ),
            Self::Wanted => (
                "Tiene que quedarse",
                "Su cuenta debe tener un segundo factor y este es el último. Añada antes otro.",
            ),
            Self::PasskeyKnown => ("Ya se conoce", "Esta llave de acceso ya se conoce aquí."),
            Self::TooManyPasskeys => (
                "Demasiadas llaves de acceso",
                "Hay tantas llaves de acceso como puede haber. Retire antes una.",
            ),
            Self::PasskeysUnavailable => (
                "Aquí no hay llaves de acceso",
                "Las llaves de acceso van unidas a un nombre de máquina, y la dirección del panel no lo tiene.",
            ),
        }
    }
}
