//! No script and no source names a host of the outside world: addresses come from settings.

use crate::finding::Finding;
use crate::repository::{File, Repository};

const RULE: &str = "hosts";

/// Hosts that are read by people, or are names and not addresses. Each entry is reviewed.
const REVIEWED: [&str; 6] = [
    // Specifications, in comments.
    "datatracker.ietf.org",
    "www.rfc-editor.org",
    // XML namespaces, and specifications.
    "www.w3.org",
    // The namespace of S3's XML.
    "s3.amazonaws.com",
    // The name of an event in logout tokens (OpenID Connect).
    "schemas.openid.net",
    // The licence's own address.
    "www.apache.org",
];

/// Checks scripts, sources, templates and whatever else the crates are made of; not their tests.
pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .files
        .iter()
        .filter(|file| is_looked_at(file))
        .flat_map(in_file)
        .collect()
}

fn is_looked_at(file: &File) -> bool {
    let of_crate = file
        .in_crate()
        .is_some_and(|path| !path.starts_with("tests/") && !path.contains("/tests/"));
    of_crate
        || [".ci/", "deploy/", "scripts/"]
            .iter()
            .any(|folder| file.path.starts_with(folder))
}

fn in_file(file: &File) -> Vec<Finding> {
    let lines = file.production().lines().enumerate();
    let named = lines.flat_map(|(index, line)| {
        hosts(line)
            .filter(|host| !is_harmless(host))
            .map(move |host| (index, host))
    });
    named
        .map(|(index, host)| {
            let detail = format!(
                "{host} is a host of the outside world; make it a setting, or have it reviewed for this check"
            );
            Finding::new(RULE, format!("{}:{}", file.path, index + 1), detail)
        })
        .collect()
}

/// The hosts of all addresses in a line: what stands between `://`, an account, and whatever ends a name.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("://").skip(1).map(|rest| {
        let authority = rest
            .split(['/', ' ', '"', '\'', '`', '<', '>', ')', '?', '#', ',', ';', '\\'])
            .next()
            .unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        host.split(':').next().unwrap_or_default().trim_end_matches('.')
    })
}

/// A name without a dot is a place-holder or a name of this machine.
fn is_harmless(host: &str) -> bool {
    let placeholder = host.contains(['*', '$', '{', '%', '[', '@']) || !host.contains('.');
    let example = host.split('.').any(|label| label == "example");
    placeholder
        || example
        || host.starts_with("127.")
        || host.ends_with(".localhost")
        || REVIEWED.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::planted;

    #[test]
    fn a_host_of_the_outside_world_is_found() {
        for line in [
            "curl https://downloads.acme.net/a.tar.gz",
            "let url = \"http://10.0.0.7:80/x\";",
            "// see https://blog.acme.net.",
            "postgres://user:secret@db.acme.net:5432/x",
        ] {
            let repository = planted(&[("scripts/get", line)]);
            assert_eq!(check(&repository).len(), 1, "{line}");
        }
    }

    #[test]
    fn own_machine_examples_and_place_holders_pass() {
        let text = "http://localhost:4443 http://127.0.0.1:8069/web https://panel.example.com/ https://*.example.net \
                    http://${host}.lan/ http://edge_http; starts_with(\"https://\") postgres://{user}:{password}@{}:{}/{} \
                    http://www.w3.org/2000/svg http://acme.localhost:8080/\n";
        let planted_test = ("crates/a/tests/b.rs", "https://downloads.acme.net/\n");
        let in_test = (
            "crates/a/src/c.rs",
            "//! C.\n#[cfg(test)]\nmod tests {\n// https://downloads.acme.net/\n}\n",
        );
        assert_eq!(
            check(&planted(&[("scripts/get", text), planted_test, in_test])),
            []
        );
    }
}
