//! What can go wrong, its exit code, and how it is told to people and to machines.

use crate::exit::Exit;
use crate::output::{Terminal, clean};
use serde_json::{Value, json};
use std::io;
use wire::operation::Operation;
use wire::problem::Problem;

/// Why a command did not do what it was asked. `Display` says what happened; [`Error::advice`] what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with a problem.
    #[error("{}", .problem.detail)]
    Problem {
        /// The problem as understood.
        problem: Box<Problem>,
        /// The problem as sent.
        body: String,
    },
    /// The operation failed.
    #[error("{}", failure_text(.operation))]
    OperationFailed {
        /// The operation with its failure.
        operation: Box<Operation>,
    },
    /// The server did not answer.
    #[error("{server} does not answer: {reason}")]
    NotReachable {
        /// The server's address.
        server: String,
        /// The innermost reason.
        reason: String,
    },
    /// Something answered that is not Tenantry's API, or not this version's.
    #[error("{server} answered something that is not Tenantry's API: {reason}")]
    Foreign {
        /// The server's address.
        server: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The person or the time limit ended the waiting.
    #[error("stopped waiting; operation {operation} goes on")]
    Interrupted {
        /// The operation's identifier.
        operation: String,
        /// The key of the request, with which its final answer can still be had.
        idempotency_key: Option<String>,
    },
    /// The command line, the environment or a file is wrong.
    #[error("{what}")]
    Usage {
        /// What is wrong.
        what: String,
        /// How to mend it.
        advice: String,
    },
    /// The name was not repeated.
    #[error("nothing was done: {what}")]
    NotConfirmed {
        /// What was expected.
        what: String,
    },
    /// There is no such thing, found out here and not by the server.
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// A check found that something is not as it was.
    #[error("the audit trail is not whole: {found} findings")]
    Broken {
        /// How many.
        found: usize,
    },
    /// Not every tenant has a fresh backup.
    #[error("{tenants} tenants have no fresh backup")]
    Unguarded {
        /// How many.
        tenants: i64,
    },
    /// An archive of a node's PostgreSQL does not do what it is there for.
    #[error("the archive of PostgreSQL's log is broken on {nodes}")]
    BrokenArchive {
        /// Which nodes.
        nodes: String,
    },
    /// Reading or writing failed on this machine.
    #[error("input or output failed: {0}")]
    Io(#[from] io::Error),
}

impl Error {
    /// A usage error with the way to mend it.
    pub(crate) fn usage(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// The exit code for it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Problem { problem, .. } if problem.kind.ends_with("operation-failed") => {
                Exit::OperationFailed
            }
            Self::Problem { problem, .. } => Exit::of_status(problem.status),
            Self::OperationFailed { .. } => Exit::OperationFailed,
            Self::NotReachable { .. } => Exit::NotReachable,
            Self::Foreign { .. } => Exit::Unexpected,
            Self::Interrupted { .. } => Exit::Interrupted,
            Self::Usage { .. } => Exit::Usage,
            Self::NotConfirmed { .. } => Exit::Refused,
            Self::NotFound { .. } => Exit::NotFound,
            Self::Broken { .. } | Self::Unguarded { .. } | Self::BrokenArchive { .. } => Exit::Broken,
            // `tenantry tenant list | head` is not an error.
            Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Io(_) => Exit::Unexpected,
        }
    }

    /// What to do next, when there is something better to say than the error itself.
    fn advice(&self) -> Option<String> {
        match self {
            Self::Problem { problem, .. } => match Exit::of_status(problem.status) {
                Exit::NotAllowed => Some(
                    "Check TENANTRY_API_KEY or the local.json in use; a `read-only` key cannot change anything."
                        .to_owned(),
                ),
                Exit::Unexpected => problem
                    .request_id
                    .as_ref()
                    .map(|id| format!("The server's log tells more under {id}.")),
                _ => None,
            },
            Self::OperationFailed { operation } => {
                Some(format!("Its steps: tenantry operation show {}", operation.id))
            }
            Self::NotReachable { reason, .. } if reason.contains("certificate") => Some(
                "If your own authority signed it, add its certificate to the system's, or name it in SSL_CERT_FILE."
                    .to_owned(),
            ),
            Self::NotReachable { .. } => Some(
                "Is the server running, and is the address right? See --server, TENANTRY_SERVER and --local.".to_owned(),
            ),
            Self::Foreign { .. } => Some("Check the address given by --server or TENANTRY_SERVER.".to_owned()),
            Self::Interrupted { operation, idempotency_key } => Some(interrupted_advice(operation, idempotency_key)),
            Self::Usage { advice, .. } => Some(advice.clone()),
            Self::NotConfirmed { .. } | Self::NotFound { .. } | Self::Broken { .. } | Self::Unguarded { .. } | Self::BrokenArchive { .. } | Self::Io(_) => None,
        }
    }

    /// Tells a person, on standard error.
    pub(crate) fn tell(&self, terminal: &mut Terminal) -> io::Result<()> {
        if self.exit() == Exit::Done {
            return Ok(());
        }
        let mut text = format!("error: {}\n", clean(&self.to_string()));
        if let Self::Problem { problem, .. } = self {
            for field in &problem.errors {
                text.push_str(&format!("  {}: {}\n", clean(&field.field), clean(&field.detail)));
            }
            if let Some(operation) = &problem.operation {
                text.push_str(&format!(
                    "Operation: tenantry operation show {}\n",
                    clean(operation)
                ));
            }
        }
        if let Some(advice) = self.advice() {
            text.push_str(&clean(&advice));
            text.push('\n');
        }
        terminal.error_text(&text)
    }

    /// Tells a machine, on standard error: one problem document. The server's own words stay as they were.
    pub(crate) fn tell_json(&self, terminal: &mut Terminal) -> io::Result<()> {
        let document = match self {
            _ if self.exit() == Exit::Done => return Ok(()),
            Self::Problem { body, .. } if serde_json::from_str::<Value>(body).is_ok() => body.clone(),
            _ => self.as_problem().to_string(),
        };
        terminal.error_text(&format!("{}\n", document.trim_end()))
    }

    /// A problem document for what no server said. It has no `status`, because no HTTP answer stands behind it.
    fn as_problem(&self) -> Value {
        let (kind, title) = match self.exit() {
            Exit::NotFound => ("not-found", "Not found"),
            Exit::Usage => ("usage", "Wrong usage or configuration"),
            Exit::Refused => ("not-confirmed", "Not confirmed"),
            Exit::OperationFailed => ("operation-failed", "The operation failed"),
            Exit::NotReachable => ("not-reachable", "The server is not reachable"),
            Exit::Interrupted => ("interrupted", "Stopped waiting"),
            Exit::Broken => ("broken", "Not as it was"),
            _ => ("unexpected", "Unexpected"),
        };
        let mut problem = json!({
            "type": format!("/problems/{kind}"),
            "title": title,
            "detail": self.to_string(),
        });
        if let Self::Problem { problem: sent, .. } = self {
            problem["status"] = json!(sent.status);
        }
        if let Self::OperationFailed { operation } = self {
            problem["operation"] = json!(operation.id);
            problem["code"] = json!(operation.failure.as_ref().map(|failure| &failure.code));
        }
        if let Self::Interrupted {
            operation,
            idempotency_key,
        } = self
        {
            problem["operation"] = json!(operation);
            problem["idempotency_key"] = json!(idempotency_key);
        }
        problem
    }
}

fn failure_text(operation: &Operation) -> String {
    let what = format!(
        "operation {} ({} of {}) failed",
        operation.id, operation.kind, operation.subject
    );
    match &operation.failure {
        Some(failure) => format!("{what}: {} ({})", failure.detail, failure.code),
        None => what,
    }
}

fn interrupted_advice(operation: &str, idempotency_key: &Option<String>) -> String {
    let mut advice = format!("Follow it again: tenantry operation watch {operation}");
    if let Some(key) = idempotency_key {
        advice.push_str(&format!(
            "\nFor the final answer, with the one-time link, give the same command again with --idempotency-key {key}"
        ));
    }
    advice
}
