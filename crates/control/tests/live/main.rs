//! Use cases on a real PostgreSQL, where time passes as the test wants and several servers share a database.

mod audit;
mod backup_care;
mod backup_clock;
mod backup_others;
mod backups;
mod chain;
mod downloads;
mod draining;
mod drift;
mod expiry;
mod moving;
mod replicas;
mod sagas;
mod secrets;
mod sizes;
mod time;

use control::{Caller, Control, NodeSession, Registration, ServerKey, Settings, World};
use domain::OperationId;
use serde_json::{Value, json};
use std::time::Duration;
use store::Store;
use testkit::{CONTROL, TestCluster};
use wire::node::{Command, CommandResult, Facts, Order, Outcome as Ending, Poll};
use wire::operation::Failure;

/// What a test gives.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A control plane on a database of the test's own, with a node that does what the test tells it.
struct Plane {
    control: Control,
    world: World,
    node: NodeSession,
    pool: sqlx::PgPool,
    url: url::Url,
    _cluster: TestCluster,
}

impl Plane {
    async fn start() -> Outcome<Self> {
        let cluster = TestCluster::of(CONTROL).await?;
        let (name, pool) = cluster.migrated_database(&store::MIGRATIONS).await?;
        let mut url = cluster.url().clone();
        url.set_path(&name);
        let (control, world) = server(&url, 1)?;
        first_start(&control, &pool).await?;
        let node = enrol(&control, "alpha").await?;
        let plane = Self {
            control,
            world,
            node,
            pool,
            url,
            _cluster: cluster,
        };
        plane
            .control
            .build_template(&Caller::system(), serde_json::from_value(json!({}))?)
            .await?;
        plane.answer(true).await?;
        Ok(plane)
    }

    /// Time passes while the node goes on asking for commands, so that it is not lost. What comes by the clock comes when a test
    /// asks for it, and not at some moment of what the test does.
    async fn later(&self, by: jiff::SignedDuration) -> Outcome {
        self.world.advance(by);
        sqlx::query("UPDATE schedule SET next_run_at = next_run_at + make_interval(secs => $1)")
            .bind(by.as_secs_f64())
            .execute(&self.pool)
            .await?;
        self.heard_of(&self.world).await
    }

    /// The node was heard of just now.
    async fn heard_of(&self, world: &World) -> Outcome {
        let now = world.now().to_string();
        sqlx::query("UPDATE node SET last_seen_at = $1::timestamptz")
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Begins to make a tenant.
    async fn order(&self, name: &str) -> Outcome<OperationId> {
        let request = json!({ "company_name": "Acme", "admin_email": "ana@example.com", "subdomain": name, "plan": "basic" });
        let request = serde_json::from_value(request)?;
        Ok(self
            .control
            .create_tenant(&Caller::system(), request, Registration::Complete)
            .await?)
    }

    /// Makes a tenant.
    async fn tenant(&self, name: &str) -> Outcome<OperationId> {
        let operation = self.order(name).await?;
        self.answer(true).await?;
        Ok(operation)
    }

    /// What the node has to do.
    async fn commands(&self) -> Outcome<Vec<Command>> {
        let poll = Poll {
            holding: String::new(),
            slots: 32,
            wait: 0,
            version: "1".to_owned(),
        };
        Ok(self.control.poll_commands(self.node, &poll).await?)
    }

    /// Answers everything that the node has to do; gives how much it was.
    async fn answer(&self, well: bool) -> Outcome<usize> {
        self.answer_as(self.node, well).await
    }

    /// Answers everything that this node has to do.
    async fn answer_as(&self, node: NodeSession, well: bool) -> Outcome<usize> {
        let poll = Poll {
            holding: String::new(),
            slots: 32,
            wait: 0,
            version: "1".to_owned(),
        };
        let commands = self.control.poll_commands(node, &poll).await?;
        for command in &commands {
            let failure = Failure {
                code: "disk-full".to_owned(),
                detail: "It failed.".to_owned(),
            };
            let result = if well {
                CommandResult::Done(told(&command.order))
            } else {
                CommandResult::Failed(failure)
            };
            self.control
                .command_outcome(
                    node,
                    command.id,
                    &Ending {
                        steps: Vec::new(),
                        result,
                    },
                )
                .await?;
        }
        Ok(commands.len())
    }

    /// The texts that this query gives.
    async fn texts(&self, query: &'static str) -> Outcome<Vec<String>> {
        Ok(sqlx::query_scalar(query).fetch_all(&self.pool).await?)
    }
}

/// What a node tells that did this well.
fn told(order: &Order) -> Facts {
    match order {
        Order::SendTenant(_) | Order::ReceiveTenant(_) => moving::facts(order),
        order => backups::facts(order),
    }
}

/// A server on this database.
fn server(url: &url::Url, seed: u64) -> Outcome<(Control, World)> {
    let world = World::from_seed(seed);
    let settings = Settings::with_panel("https://panel.example.com")?;
    let store = Store::open(url.as_str(), 4)?;
    Ok((
        Control::new(store, ServerKey::from_bytes([7; 32]), settings, world.clone()),
        world,
    ))
}

/// What is done every so often is done at the first start, too: here it has ended before there is anything to do, and not in the
/// middle of a test, by the worker that happens to be the next.
async fn first_start(control: &Control, pool: &sqlx::PgPool) -> Outcome {
    let work = backups::work(control);
    let is_over = "SELECT count(*) > 0 AND bool_and(runs > 0) FROM schedule WHERE is_reconciler";
    testkit::eventually(LONG, || async {
        let asked = sqlx::query_scalar::<_, Option<bool>>(is_over).fetch_one(pool);
        asked.await.is_ok_and(|over| over == Some(true))
    })
    .await?;
    work.abort();
    Ok(())
}

async fn enrol(control: &Control, name: &str) -> Outcome<NodeSession> {
    let token = control
        .create_enrolment_token(&Caller::system(), Some(name))
        .await?;
    let enrolment: Value = json!({ "token": token.token.expose(), "name": name, "version": "1", "domain": "example.com",
        "address_pattern": "https://*.example.com" });
    let enrolled = control.enrol(&serde_json::from_value(enrolment)?).await?;
    Ok(control.authenticate_node(enrolled.credential.expose()).await?)
}

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);
