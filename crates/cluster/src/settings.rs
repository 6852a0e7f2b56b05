//! What a private cluster is to be: where it lives, who runs it, how safe it is.

use crate::access::Password;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whether the data must survive a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// PostgreSQL's own defaults: what was committed survives.
    Durable,
    /// For tests: nothing is forced to disk. A crash of the machine loses the cluster, one of PostgreSQL does not.
    Disposable,
}

/// The description of a private cluster.
#[derive(Clone, Debug)]
pub struct ClusterSettings {
    /// The data folder; made by `initdb` when missing or empty. Beside it `.run`, `.initdb` and `.password`
    /// with the same stem are used.
    pub data_dir: PathBuf,
    /// The folder of the Unix socket; made with mode 700.
    pub socket_dir: PathBuf,
    /// Where the server's output is appended.
    pub log_file: PathBuf,
    /// Port of 127.0.0.1; 0 takes a free one, which another program may snatch in between.
    pub port: u16,
    /// The superuser's name, used when the cluster is made.
    pub superuser: String,
    /// The superuser's password, used when the cluster is made; an existing cluster keeps its own.
    pub password: Password,
    /// The account to run as; by default our own, and as root `postgres` or else `nobody`.
    pub run_as: Option<String>,
    /// Whether the data must survive a crash of the machine.
    pub durability: Durability,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u16,
    /// More settings of `postgresql.conf`, which win over those above (not over port, address and socket).
    pub extra: Vec<(String, String)>,
    /// Libraries that are loaded with the server, as far as its installation has them: extensions that count for everybody need it.
    pub libraries: Vec<String>,
    /// How long a start may take. After a crash a durable cluster first replays its log.
    pub start_deadline: Duration,
}

impl ClusterSettings {
    /// A durable cluster under one folder: `data`, `socket` and `postgresql.log`; superuser `postgres`,
    /// 100 connections, 5 minutes to start.
    pub fn under(base: &Path, port: u16, password: Password) -> Self {
        Self {
            data_dir: base.join("data"),
            socket_dir: base.join("socket"),
            log_file: base.join("postgresql.log"),
            port,
            superuser: "postgres".to_owned(),
            password,
            run_as: None,
            durability: Durability::Durable,
            max_connections: 100,
            extra: Vec::new(),
            libraries: Vec::new(),
            start_deadline: Duration::from_secs(300),
        }
    }

    /// A path beside the data folder.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.data_dir.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(extension);
        self.data_dir.with_file_name(name)
    }
}

/// A port of 127.0.0.1 that was free a moment ago.
///
/// # Errors
/// When no port can be bound.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
