//! Against a real Odoo, when there is one: `ODOO_BIN` and `ODOO_ADDONS_PATH` as in `.cache/odoo/env`.

use crate::place::{Place, done, password, run};
use node::{Account, Node, NodeSettings, OdooProgram};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Stdio;
use std::time::Duration;
use testkit::eventually;
use tokio::process::Child;
use wire::node::{CreateTenant, Facts, Order, Outcome, SuspendTenant, TemplateSource};

const PASSWORD: &str = "O'Brien \"x\" \\ $1 ;--";
/// Who Odoo runs as when the tests run as root: the account of PostgreSQL's package.
const ACCOUNT: &str = "postgres";

fn account() -> Option<Account> {
    let text = fs::read_to_string("/etc/passwd").unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{ACCOUNT}:")))?;
    let fields: Vec<&str> = line.split(':').collect();
    Some(Account {
        uid: fields[2].parse().unwrap(),
        gid: fields[3].parse().unwrap(),
    })
}

fn real(place: &Place, http: u16) -> NodeSettings {
    let account = account();
    let data_dir = place.settings.odoo.data_dir.clone();
    if let Some(account) = account {
        for folder in [&data_dir, &place.settings.filestore_dir] {
            chown(folder, Some(account.uid), Some(account.gid)).unwrap();
        }
        let base = data_dir.parent().unwrap();
        fs::set_permissions(base, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let odoo = OdooProgram {
        program: std::env::var("ODOO_BIN").unwrap().into(),
        addons_path: std::env::var("ODOO_ADDONS_PATH").unwrap(),
        run_as: account,
        ..place.settings.odoo.clone()
    };
    NodeSettings {
        odoo,
        odoo_url: format!("http://127.0.0.1:{http}").parse().unwrap(),
        odoo_workers: 1,
        ..place.settings.clone()
    }
}

/// Odoo as it serves tenants.
fn serve(settings: &NodeSettings, http: u16) -> Child {
    let (cluster, odoo) = (&settings.cluster, &settings.odoo);
    let path = odoo.data_dir.join("serve.conf");
    let text = format!(
        "[options]\ndb_host = {}\ndb_port = {}\ndb_user = odoo\ndb_password = {}\ndata_dir = {}\naddons_path = {}\n\
         list_db = False\nproxy_mode = True\nserver_wide_modules = base,web,dbfilter_from_header\n\
         http_interface = 127.0.0.1\nhttp_port = {http}\nworkers = 0\nmax_cron_threads = 1\n",
        cluster.host,
        cluster.port,
        odoo.password.expose(),
        odoo.data_dir.display(),
        odoo.addons_path,
    );
    fs::write(&path, text).unwrap();
    let mut command = tokio::process::Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some(account) = odoo.run_as {
        command.args([
            "--reuid",
            &account.uid.to_string(),
            "--regid",
            &account.gid.to_string(),
            "--clear-groups",
        ]);
    }
    let log = fs::File::create(odoo.data_dir.join("serve.log")).unwrap();
    command.arg("--").arg(&odoo.program).arg("-c").arg(path);
    command
        .env("HOME", &odoo.data_dir)
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true);
    command.spawn().unwrap()
}

struct Browser {
    client: reqwest::Client,
    base: String,
    database: String,
    cookie: String,
}

impl Browser {
    fn new(order: &CreateTenant, http: u16) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.tls_certs_only(std::iter::empty()).build().unwrap();
        let (base, database) = (format!("http://127.0.0.1:{http}"), order.database.to_string());
        Self {
            client,
            base,
            database,
            cookie: String::new(),
        }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String) {
        let filter = format!("^{}$", self.database);
        let request = request
            .header("X-Odoo-dbfilter", filter)
            .header("Cookie", self.cookie.clone());
        let Ok(answer) = request.send().await else {
            return (0, String::new());
        };
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            if cookie.starts_with("session_id=") {
                self.cookie = cookie.to_owned();
            }
        }
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&mut self, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    async fn login(&mut self, login: &str, password: &str) -> u16 {
        let (status, page) = self.get("/web/login").await;
        assert_eq!(status, 200, "{page}");
        let (_, rest) = page.split_once("name=\"csrf_token\" value=\"").unwrap();
        let token = rest.split('"').next().unwrap();
        let form = [("csrf_token", token), ("login", login), ("password", password)];
        let request = self.client.post(format!("{}/web/login", self.base)).form(&form);
        self.send(request).await.0
    }
}

impl Browser {
    /// Calls a method of a model as the web client does.
    async fn call(&mut self, model: &str, method: &str, arguments: Value, named: Value) -> Value {
        let url = format!("{}/web/dataset/call_kw/{model}/{method}", self.base);
        let params = json!({"model": model, "method": method, "args": arguments, "kwargs": named});
        let body = json!({"jsonrpc": "2.0", "method": "call", "params": params});
        let request = self.client.post(url).header("Content-Type", "application/json");
        let (_, answer) = self.send(request.body(body.to_string())).await;
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{model}.{method}: {answer}");
        answer["result"].take()
    }

    async fn create(&mut self, model: &str, values: Value) -> i64 {
        let made = self.call(model, "create", json!([[values]]), json!({})).await;
        made[0].as_i64().unwrap()
    }
}

/// Works with a tenant as its people do.
async fn live_in(browser: &mut Browser) {
    let customer = json!({"name": "Bea Buyer", "email": "bea@customer.example", "phone": "+1 555 0100"});
    let customer = browser.create("res.partner", customer).await;
    let letter = json!({"body": "Dear Bea", "message_type": "comment", "partner_ids": [customer]});
    browser
        .call("res.partner", "message_post", json!([[customer]]), letter)
        .await;
    let seller = json!({"name": "Sam Seller", "login": "sam@seller.example", "email": "sam@seller.example"});
    let seller = browser.create("res.users", seller).await;
    let contract =
        json!({"name": "contract.txt", "raw": "ours", "res_model": "res.partner", "res_id": customer});
    browser.create("ir.attachment", contract).await;
    let mut server = json!({"name": "out", "smtp_host": "127.0.0.1", "smtp_pass": "hunter2"});
    server["smtp_user"] = json!("sam");
    browser.create("ir.mail_server", server).await;
    let todo = json!({"activity_type_id": 4, "user_id": seller});
    browser
        .call("res.partner", "activity_schedule", json!([[customer]]), todo)
        .await;
    let kiosk = browser
        .create(
            "res.company",
            json!({"name": "Seaside Kiosk", "email": "kiosk@seller.example"}),
        )
        .await;
    browser
        .create("website", json!({"name": "Seaside Kiosk", "company_id": kiosk}))
        .await;
    browser
        .create("utm.campaign", json!({"title": "Sam's", "user_id": seller}))
        .await;
    let filter = json!({"name": "Mine", "model_id": "res.partner", "user_ids": [seller]});
    browser.create("ir.filters", filter).await;
}

/// Where the template still tells of the source's people: lines of its dump, after the table that they are in.
async fn traces(place: &Place) -> Vec<String> {
    let mut superuser = place.superuser("postgres").await;
    let open = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", place.template);
    sqlx::raw_sql(sqlx::AssertSqlSafe(open.clone()))
        .execute(&mut superuser)
        .await
        .unwrap();
    let mut url = place.cluster.url().clone();
    url.set_path(place.template.as_str());
    let dump = std::process::Command::new(place.settings.pg_bin_dir.join("pg_dump"))
        .args(["--data-only", "-d", url.as_str()])
        .output()
        .unwrap();
    assert!(dump.status.success());
    let close = open.replace("true", "false");
    sqlx::raw_sql(sqlx::AssertSqlSafe(close))
        .execute(&mut superuser)
        .await
        .unwrap();
    let words = [
        "bea buyer",
        "bea@",
        "dear bea",
        "sam seller",
        "sam's",
        "seller.example",
        "seaside",
        "hunter2",
        "ana@example",
        "ñandú",
    ];
    let mut found = Vec::new();
    let mut table = String::new();
    for line in String::from_utf8_lossy(&dump.stdout).lines() {
        if line.starts_with("COPY ") {
            line.clone_into(&mut table);
        }
        let lower = line.to_lowercase();
        if words.iter().any(|word| lower.contains(word)) {
            let line: String = line.chars().take(300).collect();
            found.push(format!("{}: {line}", table.split(' ').nth(1).unwrap_or_default()));
        }
    }
    found
}

/// Odoo's complaints in a log.
fn complaints(log: &std::path::Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    let bad = |line: &&str| {
        ["ERROR", "CRITICAL", "Traceback"].iter().any(|word| line.contains(word))
            // Debian leaves this file out; a docutils text in a module's description.
            && !line.contains("selfie_segmentation") && !line.contains("(ERROR/3)")
    };
    text.lines().filter(bad).map(str::to_owned).collect()
}

#[tokio::test]
#[ignore = "needs a real Odoo and two minutes"]
async fn a_template_of_a_tenant_of_a_real_odoo_serves_without_its_people() {
    let place = Place::new().await;
    let http = testkit::free_port().unwrap();
    let settings = real(&place, http);
    let node = Node::start(settings.clone()).await.unwrap();
    let mut template = place.template_order();
    template.modules = ["web", "website", "mail", "website_mail"]
        .map(str::to_owned)
        .to_vec();
    tell(
        "template",
        &run(&node, Order::BuildTemplate(template.clone())).await,
    );
    let mut odoo = serve(&settings, http);
    let mut source = place.creation();
    source.admin_password = password(PASSWORD);
    done(&run(&node, Order::CreateTenant(source.clone())).await);
    let up = eventually(Duration::from_secs(60), || {
        let mut browser = Browser::new(&source, http);
        async move { browser.get("/web/login").await.0 == 200 }
    });
    up.await.unwrap();
    let mut browser = Browser::new(&source, http);
    assert_eq!(browser.login("Ana@example.com", PASSWORD).await, 303);
    live_in(&mut browser).await;

    template.source = TemplateSource::Database(source.database.clone());
    let adopted = run(&node, Order::BuildTemplate(template)).await;
    tell("adopted", &adopted);
    let facts = done(&adopted);
    tell_facts(&facts);
    assert_eq!(facts.warmed, Some(true));
    for told in ["1 mail server", "1 activity"] {
        assert!(
            facts.stripped.iter().any(|words| words == told),
            "{:?}",
            facts.stripped
        );
    }
    assert_eq!(browser.get("/odoo").await.0, 200, "the source's sessions go on");
    assert_eq!(traces(&place).await, Vec::<String>::new());

    let mut order = place.creation();
    order.admin_password = password(PASSWORD);
    done(&run(&node, Order::CreateTenant(order.clone())).await);
    let mut browser = Browser::new(&order, http);
    for path in ["/web/login", "/", "/contactus"] {
        assert_eq!(browser.get(path).await.0, 200, "{path}");
    }
    assert_eq!(browser.login("Ana@example.com", PASSWORD).await, 303);
    assert_eq!(browser.get("/odoo").await.0, 200);
    let users = browser
        .call(
            "res.users",
            "search_count",
            json!([[["active", "in", [true, false]]]]),
            json!({}),
        )
        .await;
    assert_eq!(users, 4);
    // What a new owner does first.
    live_in(&mut browser).await;
    odoo.kill().await.unwrap();
    let log = settings.odoo.data_dir.join("serve.log");
    assert_eq!(complaints(&log), Vec::<String>::new());
}

#[expect(
    clippy::print_stdout,
    reason = "what was stripped is what one runs this test by hand for"
)]
fn tell_facts(facts: &Facts) {
    println!("stripped of {}", facts.stripped.join(", "));
}

#[expect(
    clippy::print_stdout,
    reason = "the times are what one runs this test by hand for"
)]
fn tell(what: &str, outcome: &Outcome) {
    let steps: Vec<String> = outcome
        .steps
        .iter()
        .map(|step| format!("{} {} ms", step.name, step.milliseconds.unwrap()))
        .collect();
    println!("{what}: {}", steps.join(", "));
}

#[tokio::test]
#[ignore = "needs a real Odoo and two minutes"]
async fn a_tenant_of_a_real_odoo_can_log_in_and_be_suspended() {
    let place = Place::new().await;
    let http = testkit::free_port().unwrap();
    let settings = real(&place, http);
    let node = Node::start(settings.clone()).await.unwrap();
    let mut template = place.template_order();
    template.modules = ["web", "website", "mail", "website_mail"]
        .map(str::to_owned)
        .to_vec();
    let built = run(&node, Order::BuildTemplate(template)).await;
    tell("template", &built);
    assert_eq!(done(&built).odoo_version.as_deref(), Some("19.0"));
    let mut odoo = serve(&settings, http);
    for round in 0..3 {
        let mut order = place.creation();
        order.admin_password = password(PASSWORD);
        let created = run(&node, Order::CreateTenant(order.clone())).await;
        tell("create", &created);
        done(&created);
        let mut browser = Browser::new(&order, http);
        if round == 0 {
            let up = eventually(Duration::from_secs(60), || {
                let mut browser = Browser::new(&order, http);
                async move { browser.get("/web/login").await.0 == 200 }
            });
            up.await.unwrap();
        }
        assert_eq!(browser.login("Ana@example.com", "wrong").await, 200);
        assert_eq!(browser.login("Ana@example.com", PASSWORD).await, 303);
        let (status, page) = browser.get("/odoo").await;
        assert_eq!(status, 200);
        assert!(page.contains("es_ES"), "the administrator's language");
        let suspend = SuspendTenant {
            tenant: order.tenant,
            database: order.database.clone(),
            reason: "unpaid".to_owned(),
            service: wire::node::Service::Suspended,
            cause: None,
        };
        let suspended = run(&node, Order::SuspendTenant(suspend)).await;
        tell("suspend", &suspended);
        done(&suspended);
        assert_ne!(browser.get("/odoo").await.0, 200);
    }
    odoo.kill().await.unwrap();
}
