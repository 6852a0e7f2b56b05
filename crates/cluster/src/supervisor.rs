//! A set of supervised children that share a run folder: started in order, stopped in reverse order.

use crate::account::Account;
use crate::background;
use crate::child::ChildSpec;
use crate::error::ChildError;
use crate::files;
use crate::keeper::{Life, reasons};
use crate::pid_file::PidFile;
use crate::run_folder::RunFolder;
use crate::signal::Signal;
use crate::state::{Ending, Progress, State};
use crate::supervised::Supervised;
use std::path::Path;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

/// Supervises named children. When it is dropped they are stopped in the background;
/// when the program dies they are sent their first stop signal.
pub struct Supervisor {
    folder: RunFolder,
    children: Vec<Supervised>,
}

impl Supervisor {
    /// Takes a run folder (made if need be) and ends the children that a former run left over.
    ///
    /// # Errors
    /// When the folder cannot be used, or another live supervisor holds it.
    pub async fn open(run_dir: &Path) -> Result<Self, ChildError> {
        Ok(Self {
            folder: RunFolder::open(run_dir).await?,
            children: Vec::new(),
        })
    }

    /// Starts a child and waits until it is ready; from then on it is restarted whenever it ends.
    ///
    /// Returns its state to watch. When the call is cancelled, the child is stopped.
    ///
    /// # Errors
    /// When the description is not usable, another program answers on its port, or the child ended three times
    /// or missed its deadline before it was ready; the child is then stopped and its log's end is in the error.
    pub async fn start(
        &mut self,
        spec: ChildSpec,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<watch::Receiver<State>, ChildError> {
        self.check(&spec)?;
        if let Some(port) = spec.ready.taken_port().await {
            return Err(ChildError::PortTaken {
                name: spec.name,
                port,
            });
        }
        let (name, log_file) = (spec.name.clone(), spec.log_file.clone());
        let log_before = files::length(&log_file);
        let child = Supervised::keep(spec, self.folder.pid_file(&name), self.folder.lock())?;
        let Err(ending) = child.running(&mut progress).await else {
            let state = child.watch();
            self.children.push(child);
            return Ok(state);
        };
        child.stop().await;
        let log = files::tail(&log_file, log_before).unwrap_or_default();
        Err(ChildError::NotReady {
            name: child.name,
            ending,
            log_file,
            log,
        })
    }

    /// Runs a child once, to its end, and kills what it leaves behind. It is not restarted.
    ///
    /// # Errors
    /// When it cannot be started, ends with another code than 0, or takes longer than its `ready_deadline`.
    /// When the call is cancelled, the child is stopped.
    pub async fn run(&self, spec: ChildSpec) -> Result<(), ChildError> {
        self.check(&spec)?;
        let (name, log_file) = (spec.name.clone(), spec.log_file.clone());
        let log_before = files::length(&log_file);
        let pid_file = self.folder.pid_file(&name);
        let lock = self.folder.lock();
        // Dropped with this call's future: the child does not outlive a caller who gave up.
        let (_caller, caller_gone) = oneshot::channel::<()>();
        let task = background::spawn(async move {
            let ending = run_once(&spec, &pid_file, caller_gone).await;
            drop(lock);
            ending
        });
        let ending = match task.map_err(|source| ChildError::Background { source })?.await {
            Ok(ending) => ending?,
            Err(panic) => Ending::NotStarted(reasons(&panic)),
        };
        if ending == Ending::Exited(0) {
            return Ok(());
        }
        let log = files::tail(&log_file, log_before).unwrap_or_default();
        Err(ChildError::NotReady {
            name,
            ending,
            log_file,
            log,
        })
    }

    /// Sends a child's leading process a signal, such as HUP for a reload of nginx.
    ///
    /// # Errors
    /// When there is no such child, or it is between two lives.
    pub async fn signal(&self, name: &str, signal: Signal) -> Result<(), ChildError> {
        if self.find(name)?.signal(signal).await {
            return Ok(());
        }
        Err(ChildError::NotRunning {
            name: name.to_owned(),
        })
    }

    /// The state of a child, to read or to watch.
    ///
    /// # Errors
    /// When there is no such child.
    pub fn state(&self, name: &str) -> Result<watch::Receiver<State>, ChildError> {
        self.find(name).map(Supervised::watch)
    }

    /// The children's names, in the order in which they were started.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.children.iter().map(|child| child.name.as_str())
    }

    /// Stops one child and waits until its whole group is gone.
    ///
    /// # Errors
    /// When there is no such child.
    pub async fn stop(&mut self, name: &str) -> Result<(), ChildError> {
        let position = self.children.iter().position(|child| child.name == name);
        let position = position.ok_or_else(|| ChildError::Unknown {
            name: name.to_owned(),
        })?;
        self.children.remove(position).stop().await;
        Ok(())
    }

    /// Stops all children, the last started first, each fully before the next.
    pub async fn stop_all(&mut self) {
        while let Some(child) = self.children.pop() {
            child.stop().await;
        }
    }

    fn check(&self, spec: &ChildSpec) -> Result<(), ChildError> {
        let name = spec.name.clone();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(ChildError::Name { name });
        }
        if self.find(&name).is_ok() {
            return Err(ChildError::Twice { name });
        }
        if !spec.program.is_absolute() || !spec.program.is_file() {
            return Err(ChildError::Program {
                program: spec.program.clone(),
            });
        }
        spec.run_as
            .as_ref()
            .map_or(Ok(()), Account::permitted)
            .map_err(ChildError::from)
    }

    fn find(&self, name: &str) -> Result<&Supervised, ChildError> {
        let child = self.children.iter().find(|child| child.name == name);
        child.ok_or_else(|| ChildError::Unknown {
            name: name.to_owned(),
        })
    }
}

async fn run_once(
    spec: &ChildSpec,
    pid_file: &PidFile,
    caller_gone: oneshot::Receiver<()>,
) -> Result<Ending, ChildError> {
    let mut life = Life::begin(spec, pid_file)?;
    tokio::select! {
        ending = life.ending() => {
            life.end();
            return Ok(ending);
        }
        () = sleep(spec.ready_deadline) => {}
        _ = caller_gone => {}
    }
    life.stop(&spec.stop).await;
    Ok(Ending::NotReady(spec.ready_deadline))
}
