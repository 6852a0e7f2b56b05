//! Against a real Odoo, when there is one: `ODOO_BIN` and `ODOO_ADDONS_PATH` as in `.cache/odoo/env`.

use crate::place::{Place, done, password, run};
use node::{Account, Node, NodeSettings, OdooProgram};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Stdio;
use std::time::Duration;
use testkit::eventually;
use tokio::process::Child;
use wire::node::{CreateTenant, Order, Outcome, SuspendTenant};

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
        };
        let suspended = run(&node, Order::SuspendTenant(suspend)).await;
        tell("suspend", &suspended);
        done(&suspended);
        assert_ne!(browser.get("/odoo").await.0, 200);
    }
    odoo.kill().await.unwrap();
}
