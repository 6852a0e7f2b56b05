//! Signing in, sessions, tokens, links and keys, as their owners and as their attackers use them.

mod browser;
mod former;
mod keys;
mod limits;
mod links;
mod sessions;
mod tokens;
