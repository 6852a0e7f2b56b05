//! What a logout token proves (OpenID Connect Back-Channel Logout 1.0, 2.6).

use crate::claims::{seconds, subject};
use crate::fault::TokenFault;
use crate::keys::Keys;
use crate::token::{Expected, SLACK, checked};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a logout token may be, in seconds, whatever it says of its end.
const FRESH: i64 = 300;

/// Whom a provider signed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// The token's own name, which it has once.
    pub id: String,
    /// Who.
    pub subject: Option<String>,
    /// Out of which of the provider's sessions; out of all of them when it names none.
    pub session: Option<String>,
    /// From when on the token is refused in any case, in seconds since 1970.
    pub over_at: i64,
}

/// Checks a logout token. Whether it came before is for whoever remembers.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_logout_token(token: &str, keys: &Keys, expected: Expected<'_>) -> Result<Logout, TokenFault> {
    let (claims, kind) = checked(token, keys, expected)?;
    let kind_fits = kind
        .as_deref()
        .is_none_or(|kind| kind.eq_ignore_ascii_case("logout+jwt") || kind.eq_ignore_ascii_case("jwt"));
    let event = claims.events.as_ref().and_then(|events| events.get(EVENT));
    if !kind_fits || !event.is_some_and(serde_json::Value::is_object) || claims.nonce.is_some() {
        return Err(TokenFault::Kind);
    }
    let made = seconds(claims.iat.as_ref()).ok_or(TokenFault::Malformed)?;
    let end = seconds(claims.exp.as_ref()).unwrap_or(made.saturating_add(FRESH));
    let over_at = end.min(made.saturating_add(FRESH)).saturating_add(SLACK);
    if over_at <= expected.now {
        return Err(TokenFault::Expired);
    }
    let (who, session) = (subject(claims.sub), subject(claims.sid));
    if who.is_none() && session.is_none() {
        return Err(TokenFault::Malformed);
    }
    let id = subject(claims.jti).ok_or(TokenFault::Malformed)?;
    Ok(Logout {
        id,
        subject: who,
        session,
        over_at,
    })
}
