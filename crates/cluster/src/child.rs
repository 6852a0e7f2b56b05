//! What a supervised child is: program, identity, surroundings, how it is known to be ready and how it is stopped.

use crate::account::Account;
use crate::backoff::Backoff;
use crate::ready::Ready;
use crate::signal::Signal;
use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// One step of stopping: a signal, and how long the child may take to obey it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopStep {
    /// What the child's leading process is sent.
    pub signal: Signal,
    /// How long is waited before the next step; after the last one the whole group is killed.
    pub patience: Duration,
}

/// Something to do before each life of a child, such as clearing away what the last one left.
#[derive(Clone)]
pub struct Hook(Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>);

impl Hook {
    /// A hook from an async function; it runs on the crate's background thread and must not block it.
    pub fn new<F, R>(run: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(run())))
    }

    pub(crate) async fn run(&self) {
        (self.0)().await;
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}

/// A child process to supervise. Fields that [`ChildSpec::new`] does not ask for have defaults.
#[derive(Clone)]
pub struct ChildSpec {
    /// Unique in its supervisor; small letters, digits and `-`.
    pub name: String,
    /// An absolute path.
    pub program: PathBuf,
    /// Arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// The whole environment: nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// Who it runs as, without supplementary groups; our own account when absent.
    pub run_as: Option<Account>,
    /// The folder it works in; `/` by default, so that it holds no folder by accident.
    pub working_dir: PathBuf,
    /// Where its output is appended; made with mode 640 and owned by `run_as`.
    pub log_file: PathBuf,
    /// How it is stopped; SIGTERM and 10 s by default. Its first signal is also sent when we die.
    pub stop: Vec<StopStep>,
    /// How it is known to be ready.
    pub ready: Ready,
    /// How long it may take to become ready; 30 s by default.
    pub ready_deadline: Duration,
    /// The pauses between restarts.
    pub backoff: Backoff,
    /// Done before each life.
    pub before_start: Option<Hook>,
}

impl ChildSpec {
    /// A child with an empty environment and the defaults that the fields name.
    pub fn new(name: &str, program: impl Into<PathBuf>, log_file: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            run_as: None,
            working_dir: PathBuf::from("/"),
            log_file: log_file.into(),
            stop: vec![StopStep {
                signal: Signal::TERM,
                patience: Duration::from_secs(10),
            }],
            ready: Ready::Started,
            ready_deadline: Duration::from_secs(30),
            backoff: Backoff::default(),
            before_start: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: Into<OsString>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets how it is known to be ready, and how long that may take.
    #[must_use]
    pub fn ready(mut self, ready: Ready, deadline: Duration) -> Self {
        self.ready = ready;
        self.ready_deadline = deadline;
        self
    }

    /// Sets a single stop step.
    #[must_use]
    pub fn stop(mut self, signal: Signal, patience: Duration) -> Self {
        self.stop = vec![StopStep { signal, patience }];
        self
    }

    /// Sets who it runs as.
    #[must_use]
    pub fn run_as(mut self, account: Account) -> Self {
        self.run_as = Some(account);
        self
    }
}

impl fmt::Debug for ChildSpec {
    /// Without arguments and environment values: both may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChildSpec")
            .field("name", &self.name)
            .field("program", &self.program)
            .field("run_as", &self.run_as)
            .field("log_file", &self.log_file)
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}
