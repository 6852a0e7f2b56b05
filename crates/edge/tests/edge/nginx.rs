//! A real nginx on the rendered files, unprivileged, in front of two echoing applications.

#![expect(
    clippy::disallowed_methods,
    reason = "these tests wait for a process without an async runtime"
)]

use std::{
    fs,
    net::SocketAddr,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use edge::{
    BodyLimit, ClientAddressHeader, EdgeSettings, HostCause, HostState, Listen, PageLanguage, PublicScheme,
    Upstream, render,
};
use tempfile::TempDir;

use crate::{
    TestResult,
    client::{self, Response},
    echo,
};

/// Debian's package puts it here, which is not in everybody's PATH.
const NGINX: &str = "/usr/sbin/nginx";

/// `nobody` of every Linux: nginx runs as it where the tests run as root.
const NOBODY: u32 = 65_534;

const DEADLINE: Duration = Duration::from_secs(20);

/// A running edge. Its nginx ends with it.
pub struct Edge {
    pub address: SocketAddr,
    settings: EdgeSettings,
    master: Child,
    // Last, so that the folder is there until nginx has ended.
    directory: TempDir,
}

/// Settings with everything in this folder.
pub fn settings(
    directory: &Path,
    listen: SocketAddr,
    upstreams: [SocketAddr; 2],
) -> TestResult<EdgeSettings> {
    let inside = |name: &str| directory.join(name).display().to_string().parse();
    Ok(EdgeSettings {
        domain: "localhost".parse()?,
        listen: Listen::try_from(vec![listen])?,
        http_upstream: Upstream::try_from(upstreams[0])?,
        websocket_upstream: Upstream::try_from(upstreams[1])?,
        hosts_dir: inside("hosts")?,
        config_dir: inside("config")?,
        run_dir: inside("run")?,
        access_log: inside("access.log")?,
        error_log: inside("error.log")?,
        operator: "Nubes & Cía".parse()?,
        operator_link: None,
        logo: None,
        portal: None,
        default_language: PageLanguage::Spanish,
        scheme: PublicScheme::Http,
        body_limit: BodyLimit::default(),
        trusted_proxies: Vec::new(),
        client_address_header: ClientAddressHeader::default(),
        workers: std::num::NonZeroU8::MIN,
    })
}

/// Writes what the node would write before it starts nginx.
pub fn write_files(settings: &EdgeSettings) -> TestResult {
    for folder in settings.folders() {
        fs::create_dir_all(folder)?;
    }
    for file in render(settings) {
        fs::write(
            Path::new(settings.config_dir.as_str()).join(file.path),
            file.content,
        )?;
    }
    Ok(())
}

/// What `nginx -t` says about the files.
pub fn check(directory: &Path, settings: &EdgeSettings) -> TestResult<Output> {
    Ok(command(directory, settings)?.arg("-t").output()?)
}

/// Waits until this is so.
pub fn wait_until(is_so: impl Fn() -> TestResult<bool>) -> TestResult {
    let deadline = Instant::now() + DEADLINE;
    while !is_so()? {
        if Instant::now() > deadline {
            return Err("it did not come to be in time".into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn command(directory: &Path, settings: &EdgeSettings) -> TestResult<Command> {
    if !Path::new(NGINX).exists() {
        return Err(format!("{NGINX} is missing: install nginx-light").into());
    }
    let mut command = Command::new(NGINX);
    command.args(settings.nginx_arguments());
    if fs::metadata(directory)?.uid() == 0 {
        give_to_nobody(directory)?;
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok(command)
}

fn give_to_nobody(path: &Path) -> TestResult {
    chown(path, Some(NOBODY), Some(NOBODY))?;
    // Of markers only the names count, and there may be many.
    let holds_markers = HostState::ALL.iter().any(|state| path.ends_with(state.folder()));
    if path.is_dir() && !holds_markers {
        for entry in fs::read_dir(path)? {
            give_to_nobody(&entry?.path())?;
        }
    }
    Ok(())
}

impl Edge {
    /// An edge for `*.localhost`.
    pub fn start() -> TestResult<Self> {
        Self::start_with(|_| Ok(()))
    }

    /// An edge whose settings were changed by the test.
    pub fn start_with(change: impl Fn(&mut EdgeSettings) -> TestResult) -> TestResult<Self> {
        let upstreams = [echo::start("http")?, echo::start("websocket")?];
        // Between choosing a free port and nginx taking it somebody else may; then with another one.
        let mut result = Self::attempt(upstreams, &change);
        for _ in 0..4 {
            if result.is_ok() {
                break;
            }
            result = Self::attempt(upstreams, &change);
        }
        result
    }

    fn attempt(
        upstreams: [SocketAddr; 2],
        change: impl Fn(&mut EdgeSettings) -> TestResult,
    ) -> TestResult<Self> {
        let directory = TempDir::with_prefix("edge-")?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut settings = settings(directory.path(), address, upstreams)?;
        change(&mut settings)?;
        write_files(&settings)?;
        let master = command(directory.path(), &settings)?
            .stderr(Stdio::piped())
            .spawn()?;
        let mut edge = Self {
            address,
            settings,
            master,
            directory,
        };
        edge.wait_until_it_listens()?;
        Ok(edge)
    }

    /// nginx writes its pid after it has bound its addresses.
    fn wait_until_it_listens(&mut self) -> TestResult {
        let pid_file = self.path("run/nginx.pid");
        let deadline = Instant::now() + DEADLINE;
        while fs::read_to_string(&pid_file).unwrap_or_default().is_empty() {
            if let Some(status) = self.master.try_wait()? {
                return Err(format!("nginx ended with {status}").into());
            }
            if Instant::now() > deadline {
                return Err("nginx did not start in time".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// A path in the edge's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a tenant into this state.
    pub fn mark(&self, state: HostState, database: &str) -> TestResult {
        fs::write(state.marker(&self.settings, &database.parse()?), "")?;
        Ok(())
    }

    /// Has a tenant's page tell this reason.
    pub fn tell(&self, cause: HostCause, database: &str) -> TestResult {
        fs::write(cause.marker(&self.settings, &database.parse()?), "")?;
        Ok(())
    }

    /// Takes a tenant out of this state.
    pub fn unmark(&self, state: HostState, database: &str) -> TestResult {
        fs::remove_file(state.marker(&self.settings, &database.parse()?))?;
        Ok(())
    }

    /// Renders its files anew with other settings, as the node would; nginx is not told.
    pub fn rewrite(&mut self, change: impl Fn(&mut EdgeSettings) -> TestResult) -> TestResult {
        change(&mut self.settings)?;
        write_files(&self.settings)
    }

    /// Tells nginx to read its files again.
    pub fn reload(&self) -> TestResult {
        let told = Command::new("kill")
            .args(["-HUP", &self.master.id().to_string()])
            .status()?;
        told.success()
            .then_some(())
            .ok_or_else(|| "nginx was not there to be told".into())
    }

    /// The digest of the files as they were rendered last.
    pub fn digest(&self) -> String {
        edge::digest(&render(&self.settings))
    }

    /// Sends these bytes.
    pub fn send(&self, request: &str) -> TestResult<Response> {
        client::exchange(self.address, request.as_bytes())
    }

    /// A plain GET of this path at this host.
    pub fn get(&self, host: &str, path: &str) -> TestResult<Response> {
        self.get_with(host, path, "")
    }

    /// A GET with more headers, each ending in CR LF.
    pub fn get_with(&self, host: &str, path: &str, headers: &str) -> TestResult<Response> {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n"
        ))
    }
}

impl Drop for Edge {
    /// Ends nginx by its own pid, and gently: a master that is killed leaves its workers behind. It is told
    /// again and again, because nginx loses a signal that comes before it waits for signals.
    fn drop(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            let _ = Command::new("kill")
                .args(["-TERM", &self.master.id().to_string()])
                .status();
            for _ in 0..20 {
                if !matches!(self.master.try_wait(), Ok(None)) {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}
