//! Looks whether a tenant is whole, and mends it where that is possible: a file that is missing can be had from a
//! template, because files are named by their content; a marker follows from the tenant's standing.

use crate::error::{NodeError, StepFailure};
use crate::identifier::Identifier;
use crate::managed::{self, Managed, Standing};
use crate::marker::Marker;
use crate::odoo::attachment;
use crate::order::{gate, not_alive};
use crate::plan::{Plan, Step, unknown_step};
use crate::room::Room;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, Row};
use std::sync::{Mutex, PoisonError};
use wire::node::{CheckTenant, Facts, TenantCheck};

/// Nothing: what is brought back is what should have been there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {}

/// A tenant to be looked at.
pub(crate) struct Check {
    tenant: Managed,
    repair: bool,
    found: Mutex<TenantCheck>,
    missing: Mutex<Vec<String>>,
}

impl Check {
    pub(crate) async fn plan(order: CheckTenant, room: &Room) -> Result<Self, StepFailure> {
        let tenant = room.tenant(order.tenant, &order.database).await?;
        if tenant.standing == Standing::Tombstone {
            return Err(not_alive(&tenant));
        }
        Ok(Self {
            tenant,
            repair: order.repair,
            found: Mutex::default(),
            missing: Mutex::default(),
        })
    }

    fn note(&self, write: impl FnOnce(&mut TenantCheck)) {
        write(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn look_at_gate(&self, room: &Room) -> Result<(), StepFailure> {
        let row = sqlx::query(
            "SELECT rolname = $2 AS is_odoo_s, has_database_privilege('public', pg_database.oid, 'CONNECT') AS public \
             FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE pg_database.oid = $1::bigint::oid",
        )
        .bind(self.tenant.oid)
        .bind(room.journal.roles.odoo.as_str())
        .fetch_optional(&room.journal.pool)
        .await?;
        let right = match row {
            None => false,
            Some(row) => {
                let (odoo, public): (bool, bool) = (row.try_get("is_odoo_s")?, row.try_get("public")?);
                odoo == self.tenant.standing.is_odoo_s() && !public
            }
        };
        let wanted = Marker::of(self.tenant.standing);
        let marker = room.markers.is(&self.tenant.name, wanted);
        self.note(|found| {
            found.gate_right = right;
            found.marker_right = marker;
        });
        Ok(())
    }

    async fn look_at_files(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        let mut connection = run.room.connect(&self.tenant.name).await?;
        let read = attachment::stored_files(&mut connection).await;
        connection.close().await?;
        let files = read?;
        let (filestores, name) = (run.room.filestores.clone(), self.tenant.name.clone());
        let count = files.len();
        let missing = run
            .room
            .blocking(move || Ok::<_, StepFailure>(filestores.missing(&name, files)))
            .await?;
        run.note(format!("{count} files, {} missing", missing.len()));
        self.note(|found| {
            found.files = u64::try_from(count).unwrap_or(u64::MAX);
            found.missing_files = u64::try_from(missing.len()).unwrap_or(u64::MAX);
        });
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner) = missing;
        Ok(())
    }

    async fn mend(&self, run: &Run<'_>) -> Result<(), StepFailure> {
        if !self.repair {
            run.note("only looked".to_owned());
            return Ok(());
        }
        let room = run.room;
        let now = gate::current(room, &self.tenant.subject).await?;
        gate::mark(room, &now).await?;
        let templates: Vec<Identifier> = managed::all(&room.journal.pool)
            .await?
            .into_iter()
            .filter(|known| known.standing == Standing::Template)
            .map(|known| known.name)
            .collect();
        let missing = self
            .missing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let wanted = u64::try_from(missing.len()).unwrap_or(u64::MAX);
        let (filestores, name) = (room.filestores.clone(), now.name.clone());
        let left = room
            .blocking(move || -> Result<u64, NodeError> {
                for template in &templates {
                    filestores.bring(template, &name, &missing)?;
                }
                Ok(u64::try_from(filestores.missing(&name, missing).len()).unwrap_or(u64::MAX))
            })
            .await?;
        run.note(format!("{} files brought back, {left} missing", wanted - left));
        self.note(|found| {
            found.missing_files = left;
            found.repaired_files = wanted - left;
            found.marker_right = true;
        });
        Ok(())
    }
}

impl Plan for Check {
    const KIND: &'static str = "check-tenant";
    const STEPS: &'static [Step] = &[Step::new("gate"), Step::new("files"), Step::new("repair")];
    type Intent = Intent;

    fn intent(&self) -> &Intent {
        &Intent {}
    }

    async fn apply(&self, step: &'static str, run: &Run<'_>) -> Result<(), StepFailure> {
        match step {
            "gate" => self.look_at_gate(run.room).await,
            "files" => self.look_at_files(run).await,
            "repair" => self.mend(run).await,
            other => Err(unknown_step(other)),
        }
    }

    async fn undo(_: &Intent, _: &str, _: &Room) -> Result<(), StepFailure> {
        Ok(())
    }

    fn facts(&self) -> Facts {
        Facts {
            check: Some(self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            ..Facts::default()
        }
    }
}
