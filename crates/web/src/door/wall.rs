//! What no legitimate request of this product looks like. Only addresses and headers are looked at, never bodies: what
//! people write into fields is theirs, and its readers check it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use domain::WallRule;

/// How often a text may have been encoded over itself.
const LAYERS: usize = 4;
/// Longest value of a header, in bytes. Browsers send cookies of four thousand at most.
const LONGEST_HEADER: usize = 8192;

/// Headers that decide who asks or where a request ends; two of one kind mean something else to each reader.
const SINGLE: [HeaderName; 8] = [
    header::HOST,
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONTENT_TYPE,
    header::ORIGIN,
    HeaderName::from_static("idempotency-key"),
];

/// What only scanners ask a control plane for, at the beginning of a path.
const OTHERS: [&str; 24] = [
    "/wp-",
    "/wordpress",
    "/phpmyadmin",
    "/pma/",
    "/myadmin",
    "/mysql",
    "/cgi-bin",
    "/server-status",
    "/server-info",
    "/actuator",
    "/solr/",
    "/boaform",
    "/hnap1",
    "/vendor/phpunit",
    "/_ignition",
    "/_profiler",
    "/telescope/",
    "/owa/",
    "/autodiscover",
    "/manager/html",
    "/geoserver",
    "/druid/",
    "/etc/",
    "/phpinfo",
];

/// What such addresses end with.
const ENDS: [&str; 10] = [
    ".php", ".phtml", ".asp", ".aspx", ".jsp", ".jspx", ".cgi", ".sql", ".bak", ".old",
];

/// How programs that look for holes call themselves.
const AGENTS: [&str; 22] = [
    "sqlmap",
    "nikto",
    "nuclei",
    "masscan",
    "zgrab",
    "wpscan",
    "dirbuster",
    "gobuster",
    "feroxbuster",
    "ffuf",
    "acunetix",
    "nessus",
    "openvas",
    "netsparker",
    "w3af",
    "arachni",
    "wapiti",
    "nmap scripting engine",
    "commix",
    "jorgee",
    "whatweb",
    "havij",
];

/// The first of the rules in force that a request breaks.
pub(super) fn find(request: &Request, in_force: impl Fn(WallRule) -> bool) -> Option<WallRule> {
    let (path, query) = (request.uri().path(), request.uri().query());
    let breaks = |rule: &WallRule| match rule {
        WallRule::Traversal => climbs(path),
        WallRule::NullByte => has_null(path) || query.is_some_and(has_null),
        WallRule::Headers => odd_headers(request.headers()),
        WallRule::ScannerPath => is_somebody_elses(path),
        WallRule::ScannerAgent => is_scanner(request.headers()),
    };
    WallRule::ALL
        .into_iter()
        .find(|rule| in_force(*rule) && breaks(rule))
}

fn climbs(path: &str) -> bool {
    let suspicious = path.contains("..") || path.contains('%') || path.contains('\\');
    suspicious && layers(path.as_bytes()).any(|text| has_parent(&text))
}

fn has_null(text: &str) -> bool {
    text.contains('%') && layers(text.as_bytes()).any(|text| text.contains(&0))
}

/// Whether a segment is the parent folder, also with a parameter behind it as some servers have them (`..;x`).
fn has_parent(path: &[u8]) -> bool {
    path.split(|byte| matches!(byte, b'/' | b'\\'))
        .any(|segment| segment.split(|byte| *byte == b';').next() == Some(b".."))
}

/// A text as it stands, decoded once, decoded twice, and so on while that changes it.
fn layers(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut current = Some(text.to_vec());
    let layers = std::iter::from_fn(move || {
        let text = current.take()?;
        let decoded = decode(&text);
        current = (decoded != text).then_some(decoded);
        Some(text)
    });
    layers.take(LAYERS + 1)
}

/// Undoes percent signs, and the overlong forms in which UTF-8 must not write ASCII.
fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let hex = match (first, behind) {
            (b'%', [high, low, ..]) => digit(high).zip(digit(low)),
            _ => None,
        };
        let (byte, taken) = hex.map_or((*first, 1), |(high, low)| (high * 16 + low, 3));
        bytes.push(byte);
        rest = rest.get(taken..).unwrap_or_default();
    }
    shortened(&bytes)
}

fn shortened(bytes: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        let (byte, taken) = match (*first, behind) {
            (lead @ (0xC0 | 0xC1), [next @ 0x80..=0xBF, ..]) => ((lead & 1) << 6 | (next & 0x3F), 2),
            (0xE0, [middle @ (0x80 | 0x81), next @ 0x80..=0xBF, ..]) => {
                ((middle & 1) << 6 | (next & 0x3F), 3)
            }
            _ => (*first, 1),
        };
        short.push(byte);
        rest = rest.get(taken..).unwrap_or_default();
    }
    short
}

fn odd_headers(headers: &HeaderMap) -> bool {
    // More values than names is what having any header twice looks like.
    let repeated = headers.len() != headers.keys_len()
        && SINGLE
            .iter()
            .any(|name| headers.get_all(name).iter().nth(1).is_some());
    repeated || headers.values().any(|value| value.len() > LONGEST_HEADER)
}

/// Below our own interfaces names are ours, so nothing there is somebody else's.
fn is_somebody_elses(path: &str) -> bool {
    if path == "/" || path.starts_with("/api/") || path.starts_with("/node/") || path.starts_with("/assets/")
    {
        return false;
    }
    let path = path.to_ascii_lowercase();
    OTHERS.iter().any(|begin| path.starts_with(begin))
        || ENDS.iter().any(|end| path.ends_with(end))
        || path
            .split('/')
            .any(|segment| segment.starts_with('.') && segment != ".well-known")
}

fn is_scanner(headers: &HeaderMap) -> bool {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| {
        let agent = agent.to_ascii_lowercase();
        AGENTS.iter().any(|name| agent.contains(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn found(address: &str, headers: &[(&str, &str)]) -> Option<WallRule> {
        let mut request = Request::builder().uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
            .body(Body::empty())
            .ok()
            .and_then(|request| find(&request, |_| true))
    }

    #[test]
    fn paths_that_climb_are_found_in_every_encoding() {
        for path in [
            "/../etc/passwd",
            "/a/..",
            "/..%2f..%2fetc%2fpasswd",
            "/%2e%2e/x",
            "/%2e%2e%5cx",
            "/%252e%252e%252fx",
            "/%25252e%25252e/x",
            "/..%c0%afetc",
            "/%c0%ae%c0%ae/x",
            "/%e0%80%ae%e0%80%ae/x",
            "/..;/manager",
            "/..\\windows",
        ] {
            assert_eq!(found(path, &[]), Some(WallRule::Traversal), "{path}");
        }
    }

    #[test]
    fn null_bytes_are_found_in_path_and_query() {
        for address in [
            "/%00",
            "/a%00.png",
            "/api/tenants?search=%00",
            "/a?x=%2500",
            "/a?x=%c0%80",
        ] {
            assert_eq!(found(address, &[]), Some(WallRule::NullByte), "{address}");
        }
    }

    #[test]
    fn decisive_headers_twice_and_endless_ones_are_found() {
        let long = "x".repeat(LONGEST_HEADER + 1);
        for headers in [
            &[("x-api-key", "a"), ("x-api-key", "b")][..],
            &[("authorization", "a"), ("authorization", "a")],
            &[("content-length", "1"), ("content-length", "2")],
            &[("x-anything", long.as_str())],
        ] {
            assert_eq!(found("/", headers), Some(WallRule::Headers));
        }
        assert_eq!(
            found(
                "/",
                &[
                    ("cookie", "a=1"),
                    ("cookie", "b=2"),
                    ("accept", "a"),
                    ("accept", "b")
                ]
            ),
            None
        );
    }

    #[test]
    fn what_only_scanners_ask_for_is_found() {
        for path in [
            "/.env",
            "/.git/config",
            "/wp-login.php",
            "/blog/xmlrpc.php",
            "/phpMyAdmin/index",
            "/backup.sql",
            "/cgi-bin/luci",
        ] {
            assert_eq!(found(path, &[]), Some(WallRule::ScannerPath), "{path}");
        }
        for agent in ["sqlmap/1.8", "Mozilla/5.0 (Nikto/2.5)", "Mozilla/5.0 zgrab/0.x"] {
            assert_eq!(
                found("/", &[("user-agent", agent)]),
                Some(WallRule::ScannerAgent),
                "{agent}"
            );
        }
    }

    #[test]
    fn what_people_and_programs_send_is_not() {
        for address in [
            "/",
            "/.well-known/change-password",
            "/api/tenants?search=..%2F..%2Fetc",
            "/api/tenants?search=O%27Brien%20SELECT%20*%20FROM%20x",
            "/api/tenants?search=100%25",
            "/api/tenants/demo_cliente",
            "/success?session_id=cs_test_1",
            "/api/cloudflare?subscription_id=1&container_id=2",
            "/api/tenants?search=%3Cscript%3E",
            "/api/tenants?search=contrase%C3%B1a",
            "/assets/page.css",
            "/api/domains/shop.example.com",
        ] {
            for agent in [
                "curl/8.5.0",
                "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0",
                "python-requests/2.32",
                "schemathesis/4.3",
            ] {
                let cookies = "access_token=eyJhbGciOi.eyJzdWIiOi.abc-_; refresh_token=SELECT--";
                assert_eq!(
                    found(address, &[("user-agent", agent), ("cookie", cookies)]),
                    None,
                    "{address}"
                );
            }
        }
    }
}
