//! A private PostgreSQL cluster: made when missing, started, watched, stopped.

use crate::access::Access;
use crate::account::Account;
use crate::binaries::{Binaries, Version};
use crate::data_folder::{self, Holds};
use crate::error::ClusterError;
use crate::files;
use crate::initdb;
use crate::postmaster;
use crate::server_settings;
use crate::settings::{ClusterSettings, free_port};
use crate::signal::Signal;
use crate::state::{Progress, State};
use crate::supervisor::Supervisor;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

/// `sun_path` of unix(7), without its closing zero byte.
const SOCKET_PATH_BYTES: usize = 107;

/// A running private cluster. Dropping it stops the server in the background; [`Cluster::stop`] waits for that.
pub struct Cluster {
    settings: ClusterSettings,
    binaries: Binaries,
    account: Account,
    supervisor: Supervisor,
    state: watch::Receiver<State>,
}

impl Cluster {
    /// Makes the cluster if it is not there, ends what a former run left, starts the server and waits until it
    /// accepts connections. From then on a server that ends is started again.
    ///
    /// An existing cluster is started with the programs of its own major version. Progress is first about
    /// `initdb`, if the cluster is made, then about `postgresql`.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, the account cannot be used, a folder is unsuitable, another live program
    /// runs this cluster, or PostgreSQL fails (the end of its log is in the error).
    pub async fn start(
        settings: ClusterSettings,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<Self, ClusterError> {
        let account = Account::for_database(settings.run_as.as_deref())?;
        let mut settings = prepare(settings, &account)?;
        let mut supervisor = Supervisor::open(&settings.beside("run")).await?;
        initdb::clear(&settings).await?;
        let binaries = match data_folder::look(&settings.data_dir)? {
            Holds::Cluster(major) => Binaries::find(Some(major))?,
            Holds::Nothing => {
                let binaries = Binaries::find(None)?;
                progress(Progress {
                    name: initdb::NAME,
                    elapsed: Duration::ZERO,
                    state: &State::Starting,
                });
                initdb::make(&settings, &binaries, &account, &supervisor).await?;
                binaries
            }
        };
        settings.libraries.retain(|name| binaries.has_library(name));
        postmaster::end_leftovers(&settings.data_dir).await?;
        if settings.port == 0 {
            // As late as can be: nothing holds the port until the server takes it.
            settings.port = free_port().map_err(|source| ClusterError::Port { source })?;
        }
        server_settings::write(&settings, &account)?;
        let spec = postmaster::spec(&settings, &binaries, &account);
        let state = supervisor.start(spec, progress).await?;
        Ok(Self {
            settings,
            binaries,
            account,
            supervisor,
            state,
        })
    }

    /// Stops the server and waits until it is gone: fast shutdown, after a minute immediate, then killed.
    pub async fn stop(mut self) {
        self.supervisor.stop_all().await;
    }

    /// How the superuser reaches a database of this cluster.
    ///
    /// The password is the one that was given; a cluster that was made with another one refuses it.
    pub fn superuser(&self, database: &str) -> Access {
        Access {
            host: "127.0.0.1".to_owned(),
            port: self.settings.port,
            socket_dir: self.settings.socket_dir.clone(),
            user: self.settings.superuser.clone(),
            password: self.settings.password.clone(),
            database: database.to_owned(),
        }
    }

    /// Replaces the extra settings and has the server read them; some take effect only at the next start.
    ///
    /// # Errors
    /// When a setting is not allowed (nothing changes), or the server is not running (the next start takes them).
    pub async fn reload(&mut self, extra: Vec<(String, String)>) -> Result<(), ClusterError> {
        let settings = ClusterSettings {
            extra,
            ..self.settings.clone()
        };
        server_settings::write(&settings, &self.account)?;
        self.settings = settings;
        Ok(self.supervisor.signal(postmaster::NAME, Signal::HUP).await?)
    }

    /// The version of the server's programs.
    pub fn version(&self) -> Version {
        self.binaries.version()
    }

    /// The programs that the server runs from, for `psql`, `pg_dump` and the like of the same version.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// The account that the server runs as.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The server's state, to read or to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// The settings in force, with the port that was taken and absolute paths.
    pub fn settings(&self) -> &ClusterSettings {
        &self.settings
    }
}

/// Makes the folders and turns paths into real ones (processes are known by theirs).
fn prepare(mut settings: ClusterSettings, account: &Account) -> Result<ClusterSettings, ClusterError> {
    let error = |action, path: &Path| {
        let path = path.to_owned();
        move |source| ClusterError::File { action, path, source }
    };
    if let Some(parent) = settings.data_dir.parent() {
        fs::create_dir_all(parent).map_err(error("make", parent))?;
    }
    files::private_folder(&settings.data_dir, account).map_err(error("make", &settings.data_dir))?;
    files::private_folder(&settings.socket_dir, account).map_err(error("make", &settings.socket_dir))?;
    settings.data_dir = settings
        .data_dir
        .canonicalize()
        .map_err(error("find", &settings.data_dir))?;
    settings.socket_dir = settings
        .socket_dir
        .canonicalize()
        .map_err(error("find", &settings.socket_dir))?;
    // Ourselves we know to have got there, perhaps through a group that the check knows nothing of.
    if *account != Account::current() {
        data_folder::check_reachable(&settings.data_dir, account)?;
        data_folder::check_reachable(&settings.socket_dir, account)?;
    }
    // The longest name that the server makes there.
    let socket = settings.socket_dir.join(".s.PGSQL.65535.lock");
    if socket.as_os_str().as_bytes().len() > SOCKET_PATH_BYTES {
        return Err(ClusterError::SocketPath {
            folder: settings.socket_dir,
        });
    }
    Ok(settings)
}
