//! The program as an operator uses it: commands, exit codes, the file of keys, the node's local API.

use anyhow::{Result, ensure};
use e2e::{Installation, unique};
use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

const PASSWORD: &str = "a good long password";

#[tokio::test]
async fn commands_make_show_list_and_delete_a_tenant() -> Result<()> {
    let installation = Installation::under_test()?;
    let name = unique("cli");
    let email = format!("ana@{name}.example.com");
    let create = [
        "tenant",
        "create",
        &name,
        "--company",
        "Cli",
        "--email",
        &email,
        "--plan",
        "basic",
        "--password-stdin",
        "--json",
    ];
    let (code, out, err) = installation.run(&create, Some(PASSWORD)).await?;
    ensure!(code == 0, "create ended with {code}: {err}");
    let made: Value = serde_json::from_str(&out)?;
    ensure!(
        made.get("state").and_then(Value::as_str) == Some("active"),
        "{made}"
    );
    ensure!(
        !out.contains(PASSWORD) && !err.contains(PASSWORD),
        "the password was printed"
    );
    ensure!(
        installation.visitor(&name)?.log_in(&email, PASSWORD).await?,
        "not in"
    );
    let (code, out, _) = installation
        .run(&["tenant", "list", "--search", &name], None)
        .await?;
    ensure!(code == 0 && out.contains(&name), "{out}");
    ensure!(
        installation
            .run(&["tenant", "show", "nosuchtenant"], None)
            .await?
            .0
            == 3,
        "not found is not 3"
    );
    ensure!(
        installation
            .run(
                &[
                    "tenant",
                    "create",
                    "x",
                    "--company",
                    "c",
                    "--email",
                    "e",
                    "--plan",
                    "p"
                ],
                None
            )
            .await?
            .0
            == 4,
        "refused is not 4"
    );
    ensure!(
        installation.run(&["tenant", "delete", &name], None).await?.0 != 0,
        "deleted without the name"
    );
    let (code, _, err) = installation
        .run(&["tenant", "delete", &name, "--yes", &name], None)
        .await?;
    ensure!(code == 0, "{err}");
    let (code, _, err) = installation
        .run(&["tenant", "purge", &name, "--yes", &name], None)
        .await?;
    ensure!(code == 0, "{err}");
    for arguments in [
        vec!["template", "list"],
        vec!["node", "list"],
        vec!["key", "list"],
        vec!["operation", "list"],
    ] {
        let (code, out, err) = installation.run(&arguments, None).await?;
        ensure!(code == 0 && !out.is_empty(), "{arguments:?}: {code} {err}");
    }
    Ok(())
}

#[tokio::test]
async fn doctor_finds_everything_in_order() -> Result<()> {
    let installation = Installation::under_test()?;
    let data = installation.path("").display().to_string();
    let (code, out, err) = installation
        .run(&["doctor", "--data", &data, "--json"], None)
        .await?;
    ensure!(code == 0, "doctor ended with {code}: {out} {err}");
    let report: Value = serde_json::from_str(&out)?;
    ensure!(
        report.as_array().is_some_and(|checks| checks.len() >= 8),
        "{report}"
    );
    Ok(())
}

#[tokio::test]
async fn file_of_keys_is_its_owners_alone_and_complete() -> Result<()> {
    let installation = Installation::under_test()?;
    for file in [
        "local.json",
        "secrets.json",
        "server/server.toml",
        "node/node.toml",
        "odoo/odoo.conf",
    ] {
        let mode = std::fs::metadata(installation.path(file))?.permissions().mode() & 0o777;
        ensure!(mode == 0o600, "{file} has mode {mode:o}");
    }
    let local: Value = serde_json::from_str(&std::fs::read_to_string(installation.path("local.json"))?)?;
    for field in [
        "server",
        "api_key",
        "edge",
        "odoo",
        "domain",
        "postgres",
        "owner_link",
    ] {
        ensure!(
            local
                .get(field)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty()),
            "no {field}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn no_secret_is_in_a_log_or_a_process_list() -> Result<()> {
    let installation = Installation::under_test()?;
    let (api, name, password) = (
        installation.api()?,
        unique("quiet"),
        unique("a secret that nobody logs "),
    );
    api.create(&name, &password).await?;
    let secrets: Value = serde_json::from_str(&std::fs::read_to_string(installation.path("secrets.json"))?)?;
    let mut wanted: Vec<String> = secrets
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, secret)| secret.as_str().map(ToOwned::to_owned))
        .collect();
    wanted.push(password);
    let mut places = vec![
        installation.path("edge/access.log"),
        installation.path("edge/error.log"),
    ];
    for entry in Installation::entries(&installation.path("log"))? {
        places.push(installation.path("log").join(entry));
    }
    for entry in Installation::entries(std::path::Path::new("/proc"))? {
        places.push(std::path::Path::new("/proc").join(entry).join("cmdline"));
    }
    for place in places {
        // Processes come and go.
        let Ok(bytes) = std::fs::read(&place) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        ensure!(
            !wanted.iter().any(|secret| text.contains(secret.as_str())),
            "a secret is in {}",
            place.display()
        );
    }
    api.remove(&name).await
}

#[tokio::test]
async fn local_api_of_the_node_has_the_old_fields() -> Result<()> {
    let installation = Installation::under_test()?;
    let (local, name) = (installation.local_api()?, unique("agent"));
    local.send(Method::GET, "/health", &[], None).await?.expect(200)?;
    let body = json!({ "subdomain": name, "admin_password": PASSWORD });
    let made = local
        .ask(Method::POST, "/api/tenant", Some(&body))
        .await?
        .expect(200)?;
    ensure!(
        made.body.get("success") == Some(&Value::Bool(true)) && made.text("database") == name,
        "{}",
        made.body
    );
    ensure!(
        made.body.get("dns_created").is_some() && !made.text("url").is_empty(),
        "{}",
        made.body
    );
    ensure!(
        installation.visitor(&name)?.log_in("admin", PASSWORD).await?,
        "not in"
    );
    let listed = local
        .send(Method::GET, "/api/tenants", &[], None)
        .await?
        .expect(200)?;
    ensure!(listed.body.to_string().contains(&name), "{}", listed.body);
    let body = json!({ "subdomain": name, "new_password": "another good one 1" });
    local
        .ask(Method::PUT, "/api/tenant/password", Some(&body))
        .await?
        .expect(200)?;
    ensure!(
        installation
            .visitor(&name)?
            .log_in("admin", "another good one 1")
            .await?,
        "not in with the new one"
    );
    for suspend in [true, false] {
        let body = json!({ "subdomain": name, "suspend": suspend });
        let answer = local
            .ask(Method::PUT, "/api/tenant/suspend", Some(&body))
            .await?
            .expect(200)?;
        ensure!(
            answer.body.get("suspended") == Some(&Value::Bool(suspend)),
            "{}",
            answer.body
        );
    }
    for bad in ["--version", "x'; DROP DATABASE demo; --", "../../etc"] {
        local
            .ask(Method::POST, "/api/tenant", Some(&json!({ "subdomain": bad })))
            .await?
            .expect(422)?;
        local
            .ask(Method::DELETE, "/api/tenant", Some(&json!({ "subdomain": bad })))
            .await?
            .expect(422)?;
    }
    local
        .ask(Method::DELETE, "/api/tenant", Some(&json!({ "subdomain": name })))
        .await?
        .expect(200)?;
    let purge = json!({ "confirm": name });
    installation
        .api()?
        .ask(Method::POST, &format!("/api/tenants/{name}/purge"), Some(&purge))
        .await?
        .expect(200)?;
    Ok(())
}
