//! The text of `nginx.conf`: the template with the settings in it.

use std::fmt::Write as _;

use crate::{digest::DIGEST_FILE, page, settings::EdgeSettings, template::fill};

/// Only seen inside nginx, which answers 503 for it: `error_page` tells pages apart by status, and 503
/// itself leads to the page of maintenance.
const PAUSED_CODE: &str = "463";

/// Likewise: nginx answers 402, which itself leads to the page of suspended tenants.
const RESTRICTED_CODE: &str = "464";

/// Seconds after which a client may try again, as `Retry-After` says.
const RETRY_AFTER: &str = "120";

/// Which paths are the back office; the same for every edge.
const BACK_OFFICE: &str = include_str!("template/back_office.conf");

/// How many dashes each step of the chain replaces. Of the 38 dashes that a label can have, four
/// steps of 8 leave 6 at most, and 4 + 2 + 1 is whatever is left.
const DASH_STEPS: [usize; 7] = [8, 8, 8, 8, 4, 2, 1];

/// The whole of `nginx.conf`.
pub(crate) fn configuration(settings: &EdgeSettings) -> String {
    let values = [
        ("state_checks", state_checks(settings)),
        ("back_office", BACK_OFFICE.trim_end().to_owned()),
        ("proxy_headers", proxy_headers(settings)),
        ("pages", pages(settings)),
        ("database_maps", database_maps()),
        ("real_ip", real_ip(settings)),
        ("listen", listen(settings, "")),
        ("listen_default", listen(settings, " default_server")),
        ("domain", settings.domain.to_string()),
        ("domain_pattern", settings.domain.as_str().replace('.', "\\.")),
        ("http_upstream", settings.http_upstream.to_string()),
        ("websocket_upstream", settings.websocket_upstream.to_string()),
        ("hosts_dir", settings.hosts_dir.to_string()),
        ("digest_file", format!("{}/{DIGEST_FILE}", settings.config_dir)),
        ("run_dir", settings.run_dir.to_string()),
        ("access_log", settings.access_log.to_string()),
        ("error_log", settings.error_log.to_string()),
        ("workers", settings.workers.to_string()),
        ("body_limit", format!("{}m", settings.body_limit.as_mebibytes())),
        ("default_language", settings.default_language.as_str().to_owned()),
        ("paused_code", PAUSED_CODE.to_owned()),
        ("restricted_code", RESTRICTED_CODE.to_owned()),
        ("retry_after", RETRY_AFTER.to_owned()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    fill(include_str!("template/nginx.conf"), &values)
}

/// The file beside `nginx.conf` that says what the digest of all others is.
pub(crate) fn digest_variable(digest: &str) -> String {
    fill(include_str!("template/digest.conf"), &[("digest", digest)])
}

fn state_checks(settings: &EdgeSettings) -> String {
    let values = [
        ("hosts_dir", settings.hosts_dir.as_str()),
        ("paused_code", PAUSED_CODE),
        ("restricted_code", RESTRICTED_CODE),
    ];
    fill(include_str!("template/state_checks.conf").trim_end(), &values)
}

fn proxy_headers(settings: &EdgeSettings) -> String {
    let values = [("scheme", settings.scheme.as_str())];
    fill(include_str!("template/proxy_headers.conf").trim_end(), &values)
}

fn pages(settings: &EdgeSettings) -> String {
    let folder = settings.pages_dir();
    let policy = page::content_security_policy(settings);
    let values = [
        ("pages_dir", folder.as_str()),
        ("content_security_policy", policy.as_str()),
    ];
    fill(include_str!("template/pages.conf").trim_end(), &values)
}

fn listen(settings: &EdgeSettings, suffix: &str) -> String {
    let lines = settings.listen.addresses().iter();
    let lines: Vec<String> = lines
        .map(|address| format!("        listen {address}{suffix};"))
        .collect();
    lines.join("\n")
}

fn real_ip(settings: &EdgeSettings) -> String {
    if settings.trusted_proxies.is_empty() {
        return String::new();
    }
    let mut text = "\n    # Only these are believed about the client's address.\n".to_owned();
    for proxy in &settings.trusted_proxies {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    set_real_ip_from {proxy};");
    }
    let header = settings.client_address_header.as_str();
    let _ = writeln!(text, "    real_ip_header {header};\n    real_ip_recursive on;");
    text
}

/// A chain of maps from `$edge_label` to `$edge_database`. nginx cannot replace text; a pattern with
/// captures can, for a fixed number of dashes at a time.
fn database_maps() -> String {
    let mut text = String::new();
    for (index, dashes) in DASH_STEPS.iter().enumerate() {
        let source = match index {
            0 => "edge_label".to_owned(),
            _ => format!("edge_name_{index}"),
        };
        let target = match index + 1 {
            last if last == DASH_STEPS.len() => "edge_database".to_owned(),
            step => format!("edge_name_{step}"),
        };
        let pattern = "([^-]*)-".repeat(*dashes);
        let captures: Vec<String> = (1..=dashes + 1).map(|capture| format!("${capture}")).collect();
        let value = captures.join("_");
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "    map ${source} ${target} {{\n        default ${source};\n        \"~^{pattern}(.*)$\" \"{value}\";\n    }}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_replaces_every_count_of_dashes_that_a_label_can_have() {
        for count in 0..=38 {
            let mut left: usize = count;
            for dashes in DASH_STEPS {
                if left >= dashes {
                    left -= dashes;
                }
            }
            assert_eq!(left, 0, "{count} dashes");
        }
        // nginx has nine captures to give.
        assert!(DASH_STEPS.iter().all(|dashes| *dashes < 9));
    }
}
