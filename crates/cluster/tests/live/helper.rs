//! This test program run again as a process of its own, to be killed: `Helper::start` runs one of the ignored "tests".

use crate::support::{pid, settings, shell, supervisor};
use cluster::{Cluster, Ready, Signal};
use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const BASE: &str = "TENANTRY_TEST_BASE";

/// A running helper; killed when dropped.
pub struct Helper(Child);

impl Helper {
    pub fn start(name: &str, base: &Path) -> Self {
        let child = Command::new(env::current_exe().unwrap())
            .args(arguments(name))
            .env(BASE, base)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// SIGKILL: nothing in it gets to tidy up.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn arguments(name: &str) -> [String; 4] {
    [
        format!("helper::{name}"),
        "--exact".to_owned(),
        "--ignored".to_owned(),
        "--nocapture".to_owned(),
    ]
}

/// Absent when somebody runs the ignored tests by hand; they then do nothing.
fn base() -> Option<PathBuf> {
    env::var_os(BASE).map(PathBuf::from)
}

fn note(path: &Path, pid: u32) {
    fs::write(path, format!("{pid}\n")).unwrap();
}

#[tokio::test]
#[ignore = "run by other tests as a process of its own"]
async fn holds_a_cluster() {
    let Some(base) = base() else { return };
    let cluster = Cluster::start(settings(&base), |_| {}).await.unwrap();
    note(&base.join("server"), pid(&cluster.state()));
    std::future::pending::<()>().await;
}

/// One child that ends when asked and one that does not listen.
#[tokio::test]
#[ignore = "run by other tests as a process of its own"]
async fn holds_children() {
    let Some(base) = base() else { return };
    let mut supervisor = supervisor(&base).await;
    let obedient = shell("obedient", &base, "exec sleep 600");
    let state = supervisor.start(obedient, |_| {}).await.unwrap();
    note(&base.join("obedient"), pid(&state));
    let script = "trap '' TERM; (trap '' TERM; sleep 120) & echo $! > $0; sleep 120; exit";
    let deaf = shell("deaf", &base, script).args([base.join("grandchild")]);
    let state = supervisor
        .start(deaf.stop(Signal::TERM, Duration::from_millis(200)), |_| {})
        .await
        .unwrap();
    note(&base.join("deaf"), pid(&state));
    std::future::pending::<()>().await;
}

/// A web server that answers 503 twice and then 200.
#[test]
#[ignore = "run by other tests as a process of its own"]
fn serves_pages() {
    let Ok(port) = env::var("PORT") else { return };
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    let mut pages = 0;
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let read = stream.read(&mut [0; 1024]).unwrap_or_default();
        if read > 0 {
            pages += 1;
            let status = if pages > 2 { "200 OK" } else { "503 Not yet" };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }
    }
}

/// The supervised child that serves pages on this port.
pub fn page_server(base: &Path, port: u16, ready: Ready) -> cluster::ChildSpec {
    cluster::ChildSpec::new("pages", env::current_exe().unwrap(), base.join("pages.log"))
        .args(arguments("serves_pages"))
        .env("PORT", port.to_string())
        .ready(ready, crate::support::PATIENCE)
}
