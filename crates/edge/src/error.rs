//! Why a setting was refused.

use std::net::SocketAddr;

use thiserror::Error;

/// A setting that must not reach nginx's configuration, with the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingError {
    /// Not a lower-case DNS name under which a tenant's label still fits.
    #[error(
        "{0:?} is not a domain: labels of a-z 0-9 - joined by dots, 211 characters at most, no IP address"
    )]
    Domain(String),
    /// Not a path that nginx reads as one plain word.
    #[error(
        "{0:?} is not a usable path: it must be absolute, have 512 characters at most of A-Z a-z 0-9 / . _ - + = : @ ~, \
         and neither empty, \".\" or \"..\" parts nor a slash at its end"
    )]
    AbsolutePath(String),
    /// Empty, too long, or with control characters.
    #[error("{0:?} is not an operator's name: 1 to 80 characters, none of them a control character")]
    OperatorName(String),
    /// Not an address for a link.
    #[error(
        "{0:?} is not a web address: http:// or https://, then 1 to 500 visible ASCII characters without quotes or < >"
    )]
    PortalAddress(String),
    /// Not an address for a link.
    #[error(
        "{0:?} is not a web address: http:// or https://, then 1 to 500 visible ASCII characters without quotes or < >"
    )]
    OperatorLink(String),
    /// No picture, or one that does not fit into a page; how many bytes it has.
    #[error("a logo of {0} bytes does not have between 1 and 8192")]
    LogoSize(usize),
    /// Not a kind of picture that pages show.
    #[error("the logo is neither SVG (in UTF-8) nor PNG nor WebP")]
    LogoFormat,
    /// A drawing that holds more than plain shapes; what was found.
    #[error("the logo's SVG is not one of plain shapes: {0}")]
    LogoDrawing(String),
    /// Not a database that a tenant can have.
    #[error("{0:?} is not a tenant's database: 3 to 40 of a-z 0-9 _, letters or digits at both ends")]
    TenantDatabase(String),
    /// No address to listen on.
    #[error("the edge must listen on at least one address")]
    ListenNowhere,
    /// The same address twice, which nginx refuses.
    #[error("the edge is told to listen on {0} twice")]
    ListenTwice(SocketAddr),
    /// A port of 0, or an IPv6 scope, which nginx cannot express.
    #[error("{0} is not an address to listen on: it needs a port and no IPv6 scope")]
    ListenAddress(SocketAddr),
    /// An upstream nobody can connect to.
    #[error("{0} is not an address to connect to: it needs a port, a host's own address and no IPv6 scope")]
    Upstream(SocketAddr),
    /// Not an address or network, or one that would trust everybody.
    #[error(
        "{0:?} is not a trusted proxy: an IP address or a network such as 10.0.0.0/8, without bits behind its prefix, not /0"
    )]
    TrustedProxy(String),
    /// Unlimited or absurd.
    #[error("a body limit of {0} MiB is not between 1 and 65536")]
    BodyLimit(u32),
    /// A language that no page is written in.
    #[error("{0:?} is not a language of the edge's pages: es, en")]
    PageLanguage(String),
}
