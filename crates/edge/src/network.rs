//! Settings about addresses: where the edge listens, what it connects to, whom it trusts.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use crate::error::SettingError;

/// The addresses that the edge listens on: at least one, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(Vec<SocketAddr>);

/// An address of the application that the edge connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upstream(SocketAddr);

/// A proxy in front of the edge, by address or network, that is believed about the client's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxy {
    address: IpAddr,
    prefix: u8,
}

/// The header in which trusted proxies name the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAddressHeader {
    /// `X-Forwarded-For`: the last address in it that is not a trusted proxy's.
    #[default]
    ForwardedFor,
    /// `CF-Connecting-IP`, which Cloudflare sets.
    CloudflareConnectingIp,
}

/// The scheme under which visitors reach the edge, be it through a proxy that ends TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicScheme {
    /// Unencrypted: development machines.
    Http,
    /// Encrypted by whatever stands in front of the edge.
    Https,
}

impl Listen {
    /// The addresses in the order given.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl TryFrom<Vec<SocketAddr>> for Listen {
    type Error = SettingError;
    fn try_from(addresses: Vec<SocketAddr>) -> Result<Self, Self::Error> {
        if addresses.is_empty() {
            return Err(SettingError::ListenNowhere);
        }
        for (index, address) in addresses.iter().enumerate() {
            if !is_expressible(address) {
                return Err(SettingError::ListenAddress(*address));
            }
            if addresses.iter().skip(index + 1).any(|other| other == address) {
                return Err(SettingError::ListenTwice(*address));
            }
        }
        Ok(Self(addresses))
    }
}

impl TryFrom<SocketAddr> for Upstream {
    type Error = SettingError;
    fn try_from(address: SocketAddr) -> Result<Self, Self::Error> {
        if is_expressible(&address) && !address.ip().is_unspecified() && !address.ip().is_multicast() {
            Ok(Self(address))
        } else {
            Err(SettingError::Upstream(address))
        }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for TrustedProxy {
    type Err = SettingError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_network(text).ok_or_else(|| SettingError::TrustedProxy(text.to_owned()))
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

impl ClientAddressHeader {
    /// The header's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForwardedFor => "X-Forwarded-For",
            Self::CloudflareConnectingIp => "CF-Connecting-IP",
        }
    }
}

impl PublicScheme {
    /// The scheme as it stands in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

fn is_expressible(address: &SocketAddr) -> bool {
    let scoped = matches!(address, SocketAddr::V6(v6) if v6.scope_id() != 0 || v6.flowinfo() != 0);
    address.port() != 0 && !scoped
}

fn parse_network(text: &str) -> Option<TrustedProxy> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let (width, bits) = match address {
        IpAddr::V4(v4) => (32_u8, u128::from(v4.to_bits()) << 96),
        IpAddr::V6(v6) => (128, v6.to_bits()),
    };
    let prefix = prefix.unwrap_or(width);
    // A prefix of 0 would let every client name its own address; nginx warns of bits behind the prefix.
    let clean = bits.checked_shl(u32::from(prefix)).unwrap_or(0) == 0;
    ((1..=width).contains(&prefix) && clean).then_some(TrustedProxy { address, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_needs_distinct_addresses_with_ports() -> Result<(), std::net::AddrParseError> {
        let [one, two, portless] = [
            "127.0.0.1:80".parse()?,
            "[::1]:80".parse()?,
            "127.0.0.1:0".parse()?,
        ];
        assert!(Listen::try_from(vec![one, two]).is_ok());
        assert_eq!(Listen::try_from(vec![]), Err(SettingError::ListenNowhere));
        assert_eq!(
            Listen::try_from(vec![one, two, one]),
            Err(SettingError::ListenTwice(one))
        );
        assert_eq!(
            Listen::try_from(vec![portless]),
            Err(SettingError::ListenAddress(portless))
        );
        let scoped: SocketAddr = "[fe80::1%3]:80".parse()?;
        assert_eq!(
            Listen::try_from(vec![scoped]),
            Err(SettingError::ListenAddress(scoped))
        );
        Ok(())
    }

    #[test]
    fn an_upstream_is_an_address_one_can_connect_to() -> Result<(), std::net::AddrParseError> {
        assert!(Upstream::try_from("127.0.0.1:8069".parse::<SocketAddr>()?).is_ok());
        for text in ["0.0.0.0:8069", "[::]:8069", "127.0.0.1:0", "224.0.0.1:8069"] {
            let address: SocketAddr = text.parse()?;
            assert_eq!(Upstream::try_from(address), Err(SettingError::Upstream(address)));
        }
        Ok(())
    }

    #[test]
    fn trusted_proxies_are_clean_networks() {
        let parsed = |text: &str| text.parse::<TrustedProxy>().map(|proxy| proxy.to_string());
        assert_eq!(parsed("10.0.0.0/8"), Ok("10.0.0.0/8".to_owned()));
        assert_eq!(parsed("127.0.0.1"), Ok("127.0.0.1/32".to_owned()));
        assert_eq!(parsed("2400:cb00::/32"), Ok("2400:cb00::/32".to_owned()));
        for text in [
            "",
            "10.0.0.1/8",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::1/129",
            "all",
            "10.0.0.0/8;",
        ] {
            assert_eq!(parsed(text), Err(SettingError::TrustedProxy(text.to_owned())));
        }
    }
}
