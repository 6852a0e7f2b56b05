//! `GET /account`: who one is, and from where one is signed in.

use crate::App;
use crate::pages::page;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use wire::factor::FactorStatus;
use wire::person::{Session, SignInEntry};

#[derive(Template)]
#[template(path = "portal/account.html")]
struct Account {
    v: View,
    email: String,
    /// The e-mail address that they gave, while nobody has confirmed it.
    claimed: Option<String>,
    factors: FactorStatus,
    sessions: Vec<Session>,
    history: Vec<SignInEntry>,
}

/// The page.
pub(crate) async fn account(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let (claimed, factors, sessions, mut history) = tokio::try_join!(
        app.control.claimed_email(&caller),
        app.control.factor_status(&caller),
        app.control.sessions(&caller),
        app.control.sign_ins(&caller)
    )?;
    history.truncate(12);
    Ok(page(
        Account {
            email: v.who.as_ref().map(|who| who.email.clone()).unwrap_or_default(),
            claimed,
            factors,
            sessions,
            history,
            v,
        }
        .render(),
    ))
}

impl Account {
    /// What somebody types to sign in whose address nobody has confirmed.
    fn word(&self) -> &str {
        self.email.split('@').next().unwrap_or_default()
    }
}
