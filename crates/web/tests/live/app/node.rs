//! A node as the server meets it: it enrols, polls and answers over HTTP, and does nothing real.

use super::answer::Answer;
use super::{App, Outcome};
use domain::{CommandId, QuestionId};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use wire::backup::{Kept, Proof, Proven};
use wire::database::{
    About, ConnectionList, ConnectionView, Hint, HintList, Question, Questions, Reply, StatementList,
    Stopped, TableList, TableView,
};
use wire::node::{
    Command, CommandResult, Commands, Evidence, Facts, Order, Outcome as Ending, Service, TenantCheck,
};
use wire::operation::{Failure, OperationStep};

/// A node that speaks the protocol.
pub struct Node {
    pub id: String,
    pub name: String,
    pub credential: String,
    base: String,
    client: Client,
}

impl Node {
    /// What a node says of itself when it enrols.
    pub fn enrolment(name: &str, token: &str) -> Value {
        json!({
            "token": token,
            "name": name,
            "version": "0.1.0",
            "domain": "example.com",
            "address_pattern": "https://*.example.com",
        })
    }

    pub async fn enrol(app: &App, name: &str, token: &str) -> Outcome<Self> {
        let request = app
            .bare(Method::POST, "/node/v1/enrol")
            .json(&Self::enrolment(name, token));
        let enrolled = Answer::of(request).await?.expect(201)?;
        let text = |key: &str| {
            enrolled[key]
                .as_str()
                .map(ToOwned::to_owned)
                .ok_or("not enrolled")
        };
        Ok(Self {
            id: text("node")?,
            name: name.to_owned(),
            credential: text("credential")?,
            base: app.base.clone(),
            client: app.client.clone(),
        })
    }

    /// A request with the node's credential.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.credential)
    }

    /// Asks once for commands.
    pub async fn poll(&self, holding: &[CommandId], slots: u32, wait: u32) -> Outcome<Vec<Command>> {
        let holding: Vec<String> = holding.iter().map(ToString::to_string).collect();
        let query = [
            ("holding", holding.join(",")),
            ("slots", slots.to_string()),
            ("wait", wait.to_string()),
            ("version", "0.1.0".to_owned()),
        ];
        let answer = Answer::of(self.request(Method::GET, "/node/v1/commands").query(&query)).await?;
        let commands: Commands = serde_json::from_value(answer.expect(200)?)?;
        Ok(commands.commands)
    }

    /// Waits for the next command and takes it.
    pub async fn next(&self) -> Outcome<Command> {
        self.poll(&[], 1, 30)
            .await?
            .pop()
            .ok_or_else(|| "no command came".into())
    }

    /// Answers that a command is done, with steps and facts.
    pub async fn done(&self, command: &Command) -> Outcome {
        let facts = Facts {
            size_bytes: Some(41_000_000),
            odoo_version: Some("17.0".to_owned()),
            languages: vec!["es_ES".to_owned(), "en_US".to_owned()],
            kept_at: None,
            evidence: evidence(&command.order),
            ..of_backups(&command.order)
        };
        self.outcome(command.id, CommandResult::Done(facts))
            .await?
            .expect(204)
            .map(drop)
    }

    /// Answers that a check is done, and what it found.
    pub async fn found(&self, command: &Command, check: TenantCheck) -> Outcome {
        let facts = Facts {
            check: Some(check),
            ..Facts::default()
        };
        self.outcome(command.id, CommandResult::Done(facts))
            .await?
            .expect(204)
            .map(drop)
    }

    /// Answers that a command failed.
    pub async fn failed(&self, command: &Command, code: &str) -> Outcome {
        let failure = Failure {
            code: code.to_owned(),
            detail: format!("It went wrong: {code}."),
        };
        self.outcome(command.id, CommandResult::Failed(failure))
            .await?
            .expect(204)
            .map(drop)
    }

    /// Sends an outcome, whatever the server thinks of it.
    pub async fn outcome(&self, id: CommandId, result: CommandResult) -> Outcome<Answer> {
        let outcome = Ending {
            steps: vec![step("clone", "done")?],
            result,
        };
        let path = format!("/node/v1/commands/{id}/outcome");
        Answer::of(self.request(Method::POST, &path).json(&outcome)).await
    }

    /// Asks once for questions.
    pub async fn questions(&self, wait: u32) -> Outcome<Vec<Question>> {
        let path = format!("/node/v1/questions?wait={wait}");
        let answer = Answer::of(self.request(Method::GET, &path)).await?;
        let questions: Questions = serde_json::from_value(answer.expect(200)?)?;
        Ok(questions.questions)
    }

    /// Answers one.
    pub async fn reply(&self, id: QuestionId, reply: &Reply) -> Outcome<Answer> {
        let path = format!("/node/v1/questions/{id}/answer");
        Answer::of(self.request(Method::POST, &path).json(reply)).await
    }

    /// Tells how far a command is.
    pub async fn progress(&self, id: CommandId, steps: &[OperationStep]) -> Outcome<Answer> {
        let path = format!("/node/v1/commands/{id}/progress");
        Answer::of(self.request(Method::POST, &path).json(&json!({ "steps": steps }))).await
    }
}

/// What a node finds that has one table and one connection.
pub fn found(about: &About) -> Reply {
    match about {
        About::Tables => Reply::Tables(TableList {
            database_bytes: 41_000_000,
            tables: 1,
            items: vec![TableView {
                name: "res_partner".to_owned(),
                rows: Some(1200),
                dead_rows: 7,
                heap_bytes: 300_000,
                index_bytes: 90_000,
                toast_bytes: 0,
                total_bytes: 390_000,
                sequential_scans: 3,
                index_scans: 900,
                vacuumed_at: None,
                analyzed_at: None,
            }],
        }),
        About::Connections => Reply::Connections(ConnectionList {
            most: 100,
            in_cluster: 12,
            items: vec![ConnectionView {
                pid: 4711,
                started_at: jiff::Timestamp::UNIX_EPOCH,
                user: "odoo".to_owned(),
                application: "<b>odoo-1</b>".to_owned(),
                client: None,
                state: Some("idle in transaction".to_owned()),
                state_since: None,
                transaction_since: None,
                wait: None,
                blocked_by: vec![4712],
                query: Some("SELECT ?".to_owned()),
                may_end: true,
            }],
        }),
        About::Hints => Reply::Hints(HintList {
            since: None,
            items: vec![Hint {
                kind: "bloat".to_owned(),
                table: "mail_message".to_owned(),
                index: None,
                other: None,
                bytes: 9_000_000,
                count: Some(60),
            }],
        }),
        About::Statements => Reply::Statements(StatementList::default()),
        About::Stop { .. } => Reply::Stopped(Stopped { found: true }),
    }
}

/// A step in this state.
pub fn step(name: &str, state: &str) -> Outcome<OperationStep> {
    Ok(OperationStep {
        name: name.to_owned(),
        state: state.to_owned(),
        started_at: "2026-11-22T10:00:00Z".parse()?,
        milliseconds: Some(12),
        note: None,
    })
}

/// What a node sees of a tenant that it has just closed.
fn evidence(order: &Order) -> Option<Evidence> {
    let Order::SuspendTenant(order) = order else {
        return None;
    };
    let is_paused = order.service == Service::Paused;
    Some(Evidence {
        edge_status: Some(if is_paused { 503 } else { 402 }),
        odoo_may_connect: order.service == Service::Restricted,
        odoo_lists_it: order.service == Service::Restricted,
        sessions_ended: 2,
        sessions_left: 0,
    })
}

/// What a node tells of backups.
fn of_backups(order: &Order) -> Facts {
    let mut facts = Facts::default();
    match order {
        Order::BackUpTenant(_) => {
            facts.kept = Some(Box::new(Kept {
                manifest_sha256: "ab".repeat(32),
                database_bytes: 30_000_000,
                files: 40,
                file_bytes: 5_000_000,
                new_files: 3,
                stored_bytes: 4_000_000,
                milliseconds: 1200,
                ..Kept::default()
            }));
        }
        Order::VerifyBackup(order) => {
            facts.proven = Some(Box::new(Proven {
                bytes: 9_000_000,
                files: 40,
                rows: (order.proof == Proof::Restore).then_some(5000),
                login_status: (order.proof == Proof::Restore).then_some(200),
                milliseconds: 2400,
            }));
        }
        Order::RestoreTenant(_) | Order::RewindTenant(_) => facts.restored = Some(Box::default()),
        Order::PruneBackups(_) => facts.pruned = Some(Box::default()),
        _ => {}
    }
    facts
}
