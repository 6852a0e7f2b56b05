//! What can be wrong with a provider and with what it gives, as far as somebody would do something else about it.

use thiserror::Error;

/// Why a provider could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not an address that is asked: no https, a name or password in it, a fragment.
    #[error("the address of the {0} is not one that begins with https://")]
    Address(&'static str),
    /// The address leads into a network that is not public.
    #[error("the address leads into a network that is not public")]
    Private,
    /// Nothing answers.
    #[error("nothing answers there, or not with a certificate that can be trusted")]
    Unreachable,
    /// The answer was not there in time.
    #[error("the answer was not there in time")]
    Slow,
    /// A redirect, which is not followed.
    #[error("it answers with a redirect, which is not followed")]
    Redirected,
    /// Another status than success.
    #[error("it answers with the status {0}")]
    Status(u16),
    /// The answer is larger than one of this kind can be.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is not the JSON that it has to be.
    #[error("the answer is not the JSON that it has to be")]
    NotJson,
    /// The provider calls itself by another name than the one that was asked.
    #[error("it calls itself by another issuer")]
    Issuer,
    /// An endpoint is missing.
    #[error("its description names no {0}")]
    Missing(&'static str),
    /// The authorization code flow is not offered.
    #[error("it does not offer the authorization code flow")]
    NoCode,
    /// PKCE with S256 is not offered.
    #[error("it does not offer PKCE with S256")]
    NoPkce,
    /// It signs with nothing that is taken here.
    #[error("it signs tokens with no algorithm that is taken here")]
    NoAlgorithm,
    /// It publishes no key that can be used.
    #[error("it publishes no key that can be used")]
    NoKeys,
    /// It does not know the client, or not with this secret.
    #[error("it does not accept the client identifier with this secret")]
    Client,
    /// It does not accept the code.
    #[error("it does not accept the code")]
    Code,
    /// It refuses the exchange for another reason.
    #[error("it refuses to exchange the code")]
    Exchange,
    /// The token proves nothing.
    #[error("its token is not valid: {0}")]
    Token(TokenFault),
}

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// It cannot be read, or a claim is missing that must be there.
    #[error("it cannot be read")]
    Malformed,
    /// It is signed with an algorithm that is not taken, or not at all.
    #[error("its algorithm is not taken")]
    Algorithm,
    /// It names a key that the provider does not publish.
    #[error("its key is not published by the provider")]
    Key,
    /// The signature is not the key's.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer's.
    #[error("it is another issuer's")]
    Issuer,
    /// Made for another client.
    #[error("it is for another client")]
    Audience,
    /// Over.
    #[error("it has expired")]
    Expired,
    /// Made in the future, or not yet to be used.
    #[error("it is not valid yet")]
    NotYet,
    /// Made for another sign-in.
    #[error("it is for another sign-in")]
    Nonce,
    /// Of another kind: no logout token, or one in place of an ID token.
    #[error("it is a token of another kind")]
    Kind,
    /// Said of somebody else than the ID token.
    #[error("it speaks of somebody else")]
    Subject,
}

impl From<TokenFault> for Fault {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

impl Fault {
    /// A stable word for the audit trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Private => "private-address",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Redirected => "redirect",
            Self::Status(_) => "status",
            Self::TooLarge => "too-large",
            Self::NotJson => "not-json",
            Self::Issuer => "other-issuer",
            Self::Missing(_) => "incomplete",
            Self::NoCode => "no-code-flow",
            Self::NoPkce => "no-pkce",
            Self::NoAlgorithm => "no-algorithm",
            Self::NoKeys => "no-keys",
            Self::Client => "client",
            Self::Code => "code",
            Self::Exchange => "exchange",
            Self::Token(fault) => fault.word(),
        }
    }

    /// Whether it is the token that was brought, rather than the provider that does not work.
    pub const fn is_forgery(self) -> bool {
        matches!(self, Self::Token(_) | Self::Code)
    }
}

impl TokenFault {
    /// A stable word for the audit trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "token-malformed",
            Self::Algorithm => "token-algorithm",
            Self::Key => "token-key",
            Self::Signature => "token-signature",
            Self::Issuer => "token-issuer",
            Self::Audience => "token-audience",
            Self::Expired => "token-expired",
            Self::NotYet => "token-not-yet",
            Self::Nonce => "token-nonce",
            Self::Kind => "token-kind",
            Self::Subject => "token-subject",
        }
    }
}
