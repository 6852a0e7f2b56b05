//! Who stays: Odoo's own four users, and what companies are called by.

use crate::error::{Code, NodeError, StepFailure};
use sqlx::{PgConnection, Row};

/// The users that every database of Odoo has, by their names in `ir_model_data`.
const OWN: &[&str] = &[
    "user_root",
    "user_admin",
    "public_user",
    "template_portal_user_id",
];

/// Rows that are never removed.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) users: Vec<i32>,
    /// These users' and every company's.
    pub(super) partners: Vec<i32>,
    /// Odoo itself, to whom things are handed over that need somebody.
    pub(super) root: i32,
    pub(super) root_partner: i32,
    pub(super) public: i32,
    pub(super) admin: i32,
    pub(super) admin_partner: i32,
    pub(super) company_partner: i32,
}

impl Kept {
    /// # Errors
    /// [`Code::AdministratorNotFound`] when Odoo's own users or its main company are not there.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, StepFailure> {
        let rows = sqlx::query(
            "SELECT ir_model_data.name, res_users.id, partner_id FROM ir_model_data \
             JOIN res_users ON res_users.id = res_id \
             WHERE module = 'base' AND model = 'res.users' AND ir_model_data.name = ANY($1)",
        )
        .bind(OWN)
        .fetch_all(&mut *connection)
        .await?;
        let mut own = Vec::with_capacity(rows.len());
        for row in &rows {
            let (name, user, partner): (String, i32, i32) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            own.push((name, user, partner));
        }
        let find = |wanted: &str| {
            own.iter()
                .find(|(name, ..)| name == wanted)
                .map(|&(_, user, partner)| (user, partner))
                .ok_or_else(|| missing(&format!("user base.{wanted}")))
        };
        let ((root, root_partner), (admin, admin_partner)) = (find("user_root")?, find("user_admin")?);
        let (public, _) = find("public_user")?;
        let company_partner = main_company(connection).await?;
        let rows = sqlx::query("SELECT DISTINCT partner_id FROM res_company")
            .fetch_all(&mut *connection)
            .await?;
        let mut partners: Vec<i32> = own.iter().map(|&(_, _, partner)| partner).collect();
        for row in &rows {
            partners.push(row.try_get(0)?);
        }
        Ok(Self {
            users: own.iter().map(|&(_, user, _)| user).collect(),
            partners,
            root,
            root_partner,
            public,
            admin,
            admin_partner,
            company_partner,
        })
    }
}

async fn main_company(connection: &mut PgConnection) -> Result<i32, StepFailure> {
    let row = sqlx::query(
        "SELECT partner_id FROM ir_model_data JOIN res_company ON res_company.id = res_id \
         WHERE module = 'base' AND ir_model_data.name = 'main_company' AND model = 'res.company'",
    )
    .fetch_optional(connection)
    .await
    .map_err(NodeError::from)?;
    let row = row.ok_or_else(|| missing("company base.main_company"))?;
    Ok(row.try_get(0)?)
}

fn missing(what: &str) -> StepFailure {
    let detail = format!("The database has no {what}, which every template needs. Choose another database.");
    StepFailure::new(Code::AdministratorNotFound, detail)
}
