//! `tenantry doctor`: looks at what an installation needs, and says what to mend.

mod machine;
mod odoo;

use crate::arguments::Doctor;
use crate::files;
use anyhow::{Context as _, Result, bail};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::time::Duration;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One thing that was looked at.
#[derive(Debug, Deserialize, Serialize)]
struct Finding {
    /// What, as a stable word.
    name: String,
    /// Whether it is as it should be.
    good: bool,
    /// What a person should know, and do.
    detail: String,
}

impl Finding {
    fn good(name: &str, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            good: true,
            detail: detail.into(),
        }
    }

    fn bad(name: &str, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            good: false,
            detail: detail.into(),
        }
    }
}

/// The part of `local.json` that the doctor uses.
#[derive(Deserialize)]
struct Local {
    server: String,
    api_key: String,
    node: String,
    odoo: String,
}

/// The part of the server's sign of life that the doctor uses.
#[derive(Default, Deserialize)]
struct Health {
    #[serde(default)]
    warnings: Vec<String>,
}

/// Looks at everything; fails when something has to be mended.
pub(crate) async fn run(arguments: &Doctor) -> Result<()> {
    let path = arguments.data.join("local.json");
    let text = files::read(&path)?.with_context(|| {
        format!(
            "there is no {}; run scripts/up, or name its folder with --data",
            path.display()
        )
    })?;
    let local: Local =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
    let client = client()?;
    let mut findings = vec![
        machine::nginx(),
        machine::disk(&arguments.data),
        machine::files(&path),
    ];
    findings.extend(server(&client, &local).await);
    findings.extend(node(&client, &local).await);
    findings.push(odoo::answers(&client, &local.odoo).await);
    findings.push(odoo::filter(&client, &local).await);
    findings.push(odoo::guard(&arguments.data));
    tell(&findings, arguments)?;
    match findings.iter().filter(|finding| !finding.good).count() {
        0 => Ok(()),
        count => bail!("{count} of {} checks found something to mend", findings.len()),
    }
}

fn client() -> Result<Client> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let roots = roots.filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
    let client = Client::builder()
        .tls_certs_merge(roots)
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    Ok(client.build()?)
}

/// The control plane answers, so does its database, and its clock agrees with this one.
async fn server(client: &Client, local: &Local) -> Vec<Finding> {
    match client.get(format!("{}/ready", local.server)).send().await {
        Ok(answer) if answer.status().is_success() => {
            let clock = machine::clock(answer.headers());
            let health: Health = answer.json().await.unwrap_or_default();
            let answers = match health.warnings.is_empty() {
                true => Finding::good(
                    "server",
                    format!("The control plane answers at {}.", local.server),
                ),
                false => Finding::bad("server", format!("It warns: {}.", health.warnings.join("; "))),
            };
            vec![answers, clock]
        }
        Ok(answer) => vec![Finding::bad(
            "server",
            format!(
                "The control plane answers {}; see log/server.log.",
                answer.status()
            ),
        )],
        Err(_) => vec![Finding::bad(
            "server",
            format!("Nothing answers at {}; run scripts/up.", local.server),
        )],
    }
}

/// What the node finds when it looks at its PostgreSQL.
async fn node(client: &Client, local: &Local) -> Vec<Finding> {
    let asked = client
        .get(format!("{}/api/doctor", local.node))
        .header("X-API-KEY", &local.api_key)
        .send()
        .await;
    match asked {
        Ok(answer) if answer.status().is_success() => answer.json().await.unwrap_or_else(|_| {
            vec![Finding::bad(
                "node",
                "The node answers what this program cannot read; are both of one version?",
            )]
        }),
        Ok(answer) => vec![Finding::bad(
            "node",
            format!("The node answers {}; see log/node.log.", answer.status()),
        )],
        Err(_) => vec![Finding::bad(
            "node",
            format!("Nothing answers at {}; see log/node.log.", local.node),
        )],
    }
}

fn tell(findings: &[Finding], arguments: &Doctor) -> Result<()> {
    let mut out = std::io::stdout();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(findings)?)?;
        return Ok(());
    }
    for finding in findings {
        let mark = if finding.good { "✓" } else { "✗" };
        writeln!(out, "{mark} {:<26} {}", finding.name, finding.detail)?;
    }
    Ok(())
}
