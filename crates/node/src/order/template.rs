//! Builds a template from nothing or of a copy, aside, and puts it in the place of the one before in one go.

use crate::build;
use crate::catalogue;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Subject};
use crate::odoo::{administrator, language, module, password::PasswordHash};
use crate::odoo_run;
use crate::order::{check_name_free, template_source, template_swap};
use crate::plan::{Plan, Step, unknown_step};
use crate::pool::discard;
use crate::room::Room;
use crate::run::Run;
use crate::statement;
use crate::template_content::{self, Content};
use crate::warmth;
use domain::TemplateName;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;
use wire::node::{BuildTemplate, Facts, TemplateSource};

/// What undoing needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    name: TemplateName,
    pub(super) command: Uuid,
}

/// A template to be built.
pub(crate) struct TemplateBuild {
    intent: Intent,
    order: BuildTemplate,
    facts: Mutex<Facts>,
}

impl Intent {
    pub(super) fn template(&self) -> Identifier {
        Identifier::from(&self.name)
    }

    pub(super) fn build(&self) -> Identifier {
        Identifier::build(self.command)
    }

    pub(super) fn replaced(&self) -> Identifier {
        Identifier::replaced(self.command)
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Template(self.name.clone())
    }

    /// What the build's folder is known by.
    pub(super) fn note(&self) -> String {
        format!("build:{}", self.command)
    }
}

impl TemplateBuild {
    pub(crate) async fn plan(order: BuildTemplate, command: Uuid, room: &Room) -> Result<Self, StepFailure> {
        match &order.source {
            // Only these become words of a command line.
            TemplateSource::Nothing => build::check_words(&order)?,
            TemplateSource::Itself => {}
            TemplateSource::Database(name) => template_source::look(room, &name.into()).await?,
        }
        let intent = Intent {
            name: order.name.clone(),
            command,
        };
        if managed::of_subject(&room.journal.pool, &intent.subject())
            .await?
            .is_none()
        {
            check_name_free(room, &intent.template()).await?;
        }
        Ok(Self {
            intent,
            order,
            facts: Mutex::default(),
        })
    }

    async fn make_database(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, build) = (run.room, self.intent.build());
        let (pool, roles) = (&room.journal.pool, &room.journal.roles);
        managed::claim(pool, &build, &self.intent.subject(), self.intent.command).await?;
        statement::drop_database(pool, &build).await?;
        room.filestores.remove(&build)?;
        // It belongs to the node, so that the running Odoo's cron does not find it.
        match &self.order.source {
            TemplateSource::Itself => template_source::copy_itself(room, &self.intent).await?,
            TemplateSource::Nothing | TemplateSource::Database(_) => {
                statement::create_database(pool, &build, &roles.node).await?;
            }
        }
        let entry = catalogue::named(pool, &build).await?;
        let oid = entry.map(|entry| entry.oid).ok_or_else(|| vanished(&build))?;
        managed::number(pool, &build, oid).await?;
        statement::revoke_connect(pool, &build, None).await?;
        if self.order.source != TemplateSource::Itself {
            let mut connection = room.connect(&build).await?;
            let prepared = prepare(&mut connection, &roles.odoo).await;
            connection.close().await?;
            prepared?;
        }
        if let TemplateSource::Database(name) = &self.order.source {
            let note = template_source::copy(room, &name.into(), &self.intent).await?;
            run.note(note);
        }
        Ok(statement::grant_connect(pool, &build, &roles.odoo).await?)
    }

    async fn install(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        if self.order.source != TemplateSource::Nothing {
            run.note("a copy; nothing to install".to_owned());
            return Ok(());
        }
        build::installing(self.intent.build(), &self.order)
            .to_end(run.room, |note| run.note(note))
            .await
    }

    async fn strip(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        if !matches!(self.order.source, TemplateSource::Database(_)) {
            return Ok(());
        }
        let told = template_source::strip(run.room, &self.intent.build()).await?;
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        // Done again, it finds nothing more.
        if facts.stripped.is_empty() {
            facts.stripped = told;
        }
        run.note(format!("stripped of {}", facts.stripped.join(", ")));
        Ok(())
    }

    /// A template that cannot be warmed serves all the same, only slower at first; whoever asked for nothing but the
    /// warming is told that it failed.
    async fn warm(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let warmed = warmth::warm(run.room, &self.intent.build()).await;
        let is_warm = warmed.is_ok();
        match warmed {
            Ok(bundles) => run.note(format!("{bundles} bundles compiled")),
            Err(failure) if self.order.source == TemplateSource::Itself => return Err(failure),
            Err(failure) => run.note(format!("not warmed: {}", failure.detail)),
        }
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).warmed = Some(is_warm);
        Ok(())
    }

    async fn check(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let (room, build) = (run.room, self.intent.build());
        let mut connection = room.connect(&build).await?;
        let checked = self.check_content(&mut connection).await;
        connection.close().await?;
        let (mut facts, built) = checked?;
        let so_far = self.facts();
        (facts.warmed, facts.stripped) = (so_far.warmed, so_far.stripped);
        if let Some(entry) = catalogue::named(&room.journal.pool, &build).await? {
            facts.size_bytes = Some(catalogue::size(&room.journal.pool, entry.oid).await?);
            template_content::keep(room, entry.oid, &built).await?;
        }
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = facts;
        Ok(room.filestores.note(&build, &self.intent.note())?)
    }

    async fn check_content(&self, connection: &mut PgConnection) -> Result<(Facts, Content), StepFailure> {
        let missing = module::not_installed(connection, &self.order.modules).await?;
        if !missing.is_empty() {
            let detail = format!(
                "Odoo did not install {}. Are they in its addons_path?",
                missing.join(", ")
            );
            return Err(StepFailure::new(Code::OdooFailed, detail));
        }
        let languages: Vec<String> = language::installed(connection)
            .await?
            .into_iter()
            .map(|language| language.code)
            .collect();
        if let Some(wanted) = self
            .order
            .languages
            .iter()
            .find(|wanted| !languages.contains(wanted))
        {
            let detail = format!("Odoo did not load the language {wanted}. Does this version know it?");
            return Err(StepFailure::new(Code::LanguageNotInstalled, detail));
        }
        let administrator = administrator::find(connection).await?;
        administrator::set_password(connection, administrator, &PasswordHash::unusable()).await?;
        let odoo_version = module::odoo_version(connection).await?;
        let built = Content::read(connection).await?;
        // Every clone inherits it; otherwise each would be vacuumed by itself later.
        statement::vacuum(connection, "FREEZE, ANALYZE")
            .await
            .map_err(NodeError::from)?;
        let facts = Facts {
            odoo_version,
            languages,
            digest: Some(built.digest.clone()),
            ..Facts::default()
        };
        Ok((facts, built))
    }
}

impl Plan for TemplateBuild {
    const KIND: &'static str = "build-template";
    const STEPS: &'static [Step] = &[
        Step::new("database"),
        Step::new("install"),
        Step::new("strip"),
        Step::new("warm"),
        Step::new("check"),
        Step::parted(
            "publish",
            &["publish/filestore", "publish/filestore-new", "publish/database"],
        ),
    ];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &self.intent
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "database" => self.make_database(run).await,
            "install" => self.install(run).await,
            "strip" => self.strip(run).await,
            "warm" => self.warm(run).await,
            "check" => self.check(run).await,
            "publish" => template_swap::forth(&self.intent, run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(intent: &Intent, step: &str, room: &Room) -> Result<(), StepFailure> {
        match step {
            "publish" => template_swap::back(intent, room).await,
            "warm" => warmth::remove_copy(room, &warmth::copy_of(&intent.build())?).await,
            "install" => Ok(odoo_run::forget(room, &intent.build())?),
            // Its files as well, whether a copy or an installation brought them.
            "database" => discard(room, &intent.build()).await,
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn afterwards(&self, room: &Arc<Room>) {
        let room = Arc::clone(room);
        tokio::spawn(async move {
            template_swap::drop_replaced(&room).await;
            room.pool_moved.notify_one();
        });
    }
}

/// What a superuser of Odoo's own would do on its first run, and a plain role may not.
async fn prepare(connection: &mut PgConnection, odoo: &Identifier) -> Result<(), NodeError> {
    sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        .execute(&mut *connection)
        .await?;
    sqlx::query("CREATE EXTENSION IF NOT EXISTS unaccent")
        .execute(&mut *connection)
        .await?;
    Ok(statement::give_schema(connection, odoo).await?)
}

pub(super) fn vanished(database: &Identifier) -> StepFailure {
    StepFailure::new(
        Code::Internal,
        format!("The database {database} vanished while it was being built."),
    )
}
