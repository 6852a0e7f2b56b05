//! Which addresses are asked at all, so that nobody has this server ask its own neighbourhood.

use crate::fault::Fault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// How far requests may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public network, over https.
    Public,
    /// That, and this machine's loopback over plain http: for an installation whose own panel is there, as in development.
    Loopback,
}

impl Reach {
    /// Whether a connection to this address may be made.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::Loopback && address.to_canonical().is_loopback())
    }

    /// Checks an address before anything is sent there. A name is looked at again when it has been resolved.
    pub(crate) fn check(self, url: &Url, what: &'static str) -> Result<(), Fault> {
        let plain = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
        if plain {
            return Err(Fault::Address(what));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(Fault::Address(what)),
        };
        match (url.scheme(), loopback) {
            ("https" | "http", true) if self == Self::Loopback => return Ok(()),
            ("https", _) => {}
            _ => return Err(Fault::Address(what)),
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        match literal.is_none_or(|address| self.allows(address)) && !loopback {
            true => Ok(()),
            false => Err(Fault::Private),
        }
    }
}

/// Whether the address is one of the public network. What carries another address inside is judged by that one.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast();
    // "This" network, shared address space, protocol assignments, benchmarks, what is reserved.
    let reserved = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    let inner = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        // NAT64 and 6to4 lead to the address that they carry.
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && is_public_v4(inner(g, h)),
        (0x2002, _) => is_public_v4(inner(b, c)),
        // Teredo, documentation, benchmarks.
        (0x2001, 0 | 0xdb8 | 2) => false,
        // Global unicast is 2000::/3; everything else is local, multicast or not given out.
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_network_is_public() {
        for public in [
            "93.184.216.34",
            "2606:2800:220:1::1",
            "::ffff:93.184.216.34",
            "64:ff9b::5db8:d822",
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
    }

    #[test]
    fn an_address_is_https_and_leads_out_of_the_house() {
        let check = |text: &str, reach: Reach| Url::parse(text).map(|url| reach.check(&url, "issuer"));
        for good in [
            "https://login.example.com",
            "https://login.example.com:8443/realm",
            "https://93.184.216.34/",
        ] {
            assert_eq!(check(good, Reach::Public), Ok(Ok(())), "{good}");
        }
        for bad in [
            "http://login.example.com",
            "https://ana:secret@login.example.com",
            "https://login.example.com/#x",
            "ftp://login.example.com",
            "file:///etc/passwd",
            "http://127.0.0.1:1",
            "http://localhost",
        ] {
            assert_eq!(
                check(bad, Reach::Public),
                Ok(Err(Fault::Address("issuer"))),
                "{bad}"
            );
        }
        for near in [
            "https://127.0.0.1",
            "https://2130706433/",
            "https://[::1]/",
            "https://localhost",
            "https://10.0.0.1",
            "https://169.254.169.254/latest",
            "https://0x7f.1/",
        ] {
            assert_eq!(check(near, Reach::Public), Ok(Err(Fault::Private)), "{near}");
        }
        assert_eq!(check("http://127.0.0.1:8480", Reach::Loopback), Ok(Ok(())));
        assert_eq!(
            check("http://login.example.com", Reach::Loopback),
            Ok(Err(Fault::Address("issuer")))
        );
        assert_eq!(
            check("https://10.0.0.1", Reach::Loopback),
            Ok(Err(Fault::Private))
        );
    }
}
