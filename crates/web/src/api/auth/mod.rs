//! Signing in, sessions, one's own account: `/api/auth`.

pub(crate) mod account;
pub(crate) mod limit;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod sso;

use control::Tokens;
use wire::person::TokensGiven;

/// Where a client wants its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    /// In cookies, out of reach of scripts.
    Cookie,
    /// In the answer, for programs.
    Bearer,
}

/// What the answer shows of new tokens.
fn given(tokens: &Tokens, transport: Transport) -> TokensGiven {
    let bearer = transport == Transport::Bearer;
    TokensGiven {
        csrf_token: tokens.csrf.clone(),
        expires_in: tokens.access.expires_in,
        access_token: bearer.then(|| tokens.access.token.clone()),
        refresh_token: bearer.then(|| tokens.refresh.clone()),
    }
}
