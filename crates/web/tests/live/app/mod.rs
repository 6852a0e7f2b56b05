//! A running control plane on a database of its own, as its clients meet it: over HTTP.

pub mod answer;
pub mod database;
pub mod log;
pub mod node;
pub mod people;
pub mod worker;

use answer::Answer;
use control::{Caller, Control, ServerKey, Settings, World};
use database::Database;
use node::Node;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;
use testkit::{CONTROL, TestCluster};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::{Door, DoorSettings};
use wire::apikey::CreateApiKey;
use worker::Worker;

/// What a test gives.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Connections of the server's pool: fewer than the requests that some tests send at once.
const CONNECTIONS: u32 = 8;

/// A running control plane.
pub struct App {
    pub base: String,
    pub client: Client,
    pub control: Control,
    pub world: World,
    pub database: Database,
    pub key: String,
    pub reader: String,
    cluster: TestCluster,
    tasks: JoinSet<()>,
    /// Where uploads lie.
    pub uploads: tempfile::TempDir,
}

impl App {
    /// Starts one on the shared cluster.
    pub async fn start() -> Outcome<Self> {
        Self::on(TestCluster::of(CONTROL).await?).await
    }

    /// Starts one on a cluster of the test's own.
    pub async fn on(cluster: TestCluster) -> Outcome<Self> {
        Self::with_door(cluster, DoorSettings::default()).await
    }

    /// Starts one behind a proxy: the test says in `X-Forwarded-For` who it is.
    pub async fn behind_a_proxy() -> Outcome<Self> {
        let door = DoorSettings {
            trusted_hops: 1,
            ..DoorSettings::default()
        };
        Self::with_door(TestCluster::of(CONTROL).await?, door).await
    }

    /// Starts one whose panel is on this machine's loopback, where identity providers of tests are, too.
    pub async fn on_loopback() -> Outcome<Self> {
        let cluster = TestCluster::of(CONTROL).await?;
        Self::at(cluster, DoorSettings::default(), "http://127.0.0.1:4443").await
    }

    /// Starts one with this door.
    pub async fn with_door(cluster: TestCluster, door: DoorSettings) -> Outcome<Self> {
        Self::at(cluster, door, "https://panel.example.com/").await
    }

    async fn at(cluster: TestCluster, door: DoorSettings, panel: &str) -> Outcome<Self> {
        log::capture();
        let database = Database::create(&cluster).await?;
        let store = Store::open(database.url.as_str(), CONNECTIONS)?;
        let world = World::from_seed(7);
        let settings = Settings::with_panel(panel)?;
        let uploads = tempfile::tempdir()?;
        let control = Control::new(store, ServerKey::from_bytes([7; 32]), settings, world.clone());
        let control = control.with_uploads(uploads.path().to_owned());
        let key = make_key(&control, "tests", "owner").await?;
        let reader = make_key(&control, "reader", "viewer").await?;
        let (base, tasks) = serve(control.clone(), door).await?;
        let client = Client::builder().no_proxy().build()?;
        Ok(Self {
            base,
            client,
            control,
            world,
            database,
            key,
            reader,
            cluster,
            tasks,
            uploads,
        })
    }

    /// Starts one with the node `alpha`, which holds the template `template_tenant` and does all it is told.
    pub async fn with_worker() -> Outcome<(Self, Worker)> {
        let app = Self::start().await?;
        let node = app.node_with_template("alpha").await?;
        let worker = Worker::start(node);
        Ok((app, worker))
    }

    /// Starts one with the node `alpha`, which holds the template `template_tenant` and waits to be driven.
    pub async fn with_node() -> Outcome<(Self, Arc<Node>)> {
        let app = Self::start().await?;
        let node = app.node_with_template("alpha").await?;
        Ok((app, node))
    }

    /// Enrols a node as a node does it.
    pub async fn enrol(&self, name: &str) -> Outcome<Arc<Node>> {
        let token = self
            .post("/api/nodes/tokens", &json!({ "name": name }))
            .await?
            .expect(201)?;
        let node = Node::enrol(self, name, token["token"].as_str().unwrap_or_default()).await?;
        // It knows every order that there is.
        let newer = [
            "warm-template",
            "adopt-template",
            "enter-tenant",
            "end-entries",
            "send-tenant",
            "receive-tenant",
            "shelve-tenant",
            "discard-copy",
            "back-up-tenant",
            "verify-backup",
            "restore-tenant",
            "prune-backups",
            "maintain-database",
            "end-connection",
            "rewind-tenant",
            "import-tenant",
        ];
        let known = wire::handshake::FIRST_ORDERS.iter().chain(&newer);
        let orders: Vec<_> = known.map(|kind| json!({ "kind": kind, "version": 1 })).collect();
        let hello = json!({ "version": "1", "orders": orders, "time": self.world.now() });
        let said = node.request(Method::POST, "/node/v1/hello").json(&hello);
        Answer::of(said).await?.expect(200)?;
        Ok(Arc::new(node))
    }

    /// Enrols a node and lets it build the default template.
    pub async fn node_with_template(&self, name: &str) -> Outcome<Arc<Node>> {
        let node = self.enrol(name).await?;
        self.post("/api/templates", &json!({ "node": name }))
            .await?
            .expect(202)?;
        let command = node.next().await?;
        node.done(&command).await?;
        Ok(node)
    }

    /// A second server on the same database, as a replica; gives its base address.
    pub async fn replica(&mut self) -> Outcome<String> {
        let store = Store::open(self.database.url.as_str(), CONNECTIONS)?;
        let control = Control::new(
            store,
            ServerKey::from_bytes([7; 32]),
            self.control.settings().clone(),
            World::from_seed(8),
        );
        let (base, mut tasks) = serve(control, DoorSettings::default()).await?;
        self.tasks
            .spawn(async move { while tasks.join_next().await.is_some() {} });
        Ok(base)
    }

    /// A request with the test's key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("x-api-key", &self.key)
    }

    /// A request without credentials.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Outcome<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// A change, for whose operation it waits longer than a program usually does: a machine may be busy.
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Answer> {
        let request = self.request(Method::POST, path).header("prefer", "wait=40");
        Answer::of(request.json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Outcome<Answer> {
        Answer::of(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Outcome<Answer> {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// Sets a setting.
    pub async fn put_value(&self, key: &str, value: Value) -> Outcome {
        let path = format!("/api/settings/{key}");
        self.put(&path, &json!({ "value": value })).await?.expect(200)?;
        Ok(())
    }

    pub async fn delete(&self, path: &str) -> Outcome<Answer> {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A request that does not wait for its operation.
    pub async fn at_once(&self, method: Method, path: &str, body: &Value) -> Outcome<Answer> {
        Answer::of(self.request(method, path).header("prefer", "wait=0").json(body)).await
    }

    /// Makes a tenant that works; needs a worker.
    pub async fn tenant(&self, subdomain: &str) -> Outcome<Value> {
        self.post("/api/tenants", &new_tenant(subdomain))
            .await?
            .expect(201)
    }

    /// Waits until the operation has ended; gives it.
    pub async fn ended(&self, operation: &str) -> Outcome<Value> {
        let path = format!("/api/operations/{operation}");
        let mut last = Value::Null;
        for _ in 0..3000 {
            last = self.get(&path).await?.expect(200)?;
            if last["finished_at"].is_string() {
                return Ok(last);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Err(format!("it has not ended: {last}").into())
    }

    /// Ends the test: no command may be open, and nothing unlisted may have been complained about.
    pub async fn finish(self) -> Outcome {
        let open = self.database.open_commands().await?;
        if !open.is_empty() {
            return Err(format!("commands are left open: {open:?}").into());
        }
        self.finish_with_open_commands().await
    }

    /// Ends a test that leaves commands open on purpose.
    pub async fn finish_with_open_commands(self) -> Outcome {
        self.finish_despite(&[]).await
    }

    /// Ends a test in whose log lines with these words are expected.
    pub async fn finish_despite(mut self, expected: &[&str]) -> Outcome {
        self.tasks.shutdown().await;
        self.database.remove(&self.cluster).await?;
        self.cluster.stop().await;
        log::nothing_but(expected)
    }

    /// The cluster, to be stopped under the running server.
    pub fn take_cluster(self) -> (TestCluster, Running) {
        let running = Running {
            base: self.base,
            client: self.client,
            key: self.key,
            _tasks: self.tasks,
        };
        (self.cluster, running)
    }
}

/// A second server on an app's database.
pub struct Replica {
    base: String,
    client: Client,
    _tasks: JoinSet<()>,
}

impl Replica {
    pub async fn start(app: &App) -> Outcome<Self> {
        let store = Store::open(app.database.url.as_str(), CONNECTIONS)?;
        let key = ServerKey::from_bytes([7; 32]);
        let control = Control::new(store, key, app.control.settings().clone(), World::from_seed(8));
        let (base, tasks) = serve(control, DoorSettings::default()).await?;
        let client = app.client.clone();
        Ok(Self {
            base,
            client,
            _tasks: tasks,
        })
    }

    /// A request without credentials.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }
}

/// What is left of an [`App`] whose cluster was taken away.
pub struct Running {
    pub base: String,
    pub client: Client,
    pub key: String,
    _tasks: JoinSet<()>,
}

/// A request for a tenant that has nothing wrong with it and sets a password.
pub fn new_tenant(subdomain: &str) -> Value {
    json!({
        "company_name": "Acme S.R.L.",
        "admin_email": "ana@example.com",
        "subdomain": subdomain,
        "plan": "basic",
        "admin_password": "Quetzal-volando-47",
    })
}

async fn make_key(control: &Control, name: &str, role: &str) -> Outcome<String> {
    let request = CreateApiKey {
        name: Some(name.to_owned()),
        role: Some(role.to_owned()),
        read_only: role == "viewer",
        organizations: None,
        tenants: None,
        expires_in_days: None,
    };
    let key = control.create_key(&Caller::system(), request).await?;
    let secret = key.secret.expose().to_owned();
    // The first use is noted in the key's row; from here on rows stay as they are.
    control.authenticate_key(&secret).await?;
    Ok(secret)
}

async fn serve(control: Control, door: DoorSettings) -> Outcome<(String, JoinSet<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let app = web::App {
        control: control.clone(),
        door: Door::new(door),
        certificate: None,
    };
    control.look_again().await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { control.run().await });
    tasks.spawn(async move {
        // It ends when the test does.
        let _ = web::serve(listener, app, std::future::pending()).await;
    });
    Ok((base, tasks))
}
