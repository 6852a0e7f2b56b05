//! Finding the server and the key: options, environment, local.json.

use crate::error::Error;
use crate::options::{Options, Spoken};
use serde::Deserialize;
use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use url::Url;
use wire::Plaintext;

/// The file that a local installation leaves for its operator.
const LOCAL_FILE: &str = "local.json";

/// Longest local.json that is read, in bytes.
const LONGEST_LOCAL_FILE: u64 = 64 * 1024;

/// The environment that a command runs in, given so that tests can give another.
#[derive(Clone, Default)]
pub struct Environment {
    /// Environment variables.
    pub variables: HashMap<String, String>,
    /// The current directory.
    pub directory: PathBuf,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values stay out: TENANTRY_API_KEY is among them.
        formatter
            .debug_struct("Environment")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// The process's own.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            variables,
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        }
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The language of the locale.
    pub(crate) fn spoken(&self) -> Spoken {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| self.variable(name))
            .map_or(Spoken::En, Spoken::of_locale)
    }
}

/// Where the server is and who asks.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) server: Url,
    pub(crate) api_key: Plaintext,
}

/// What of local.json is needed here; it has other fields too.
#[derive(Debug, Deserialize)]
struct LocalFile {
    server: Url,
    api_key: Plaintext,
}

/// Finds server and key. A key from a local.json is only ever sent to the server that it names.
pub(crate) fn resolve(options: &Options, environment: &Environment) -> Result<Settings, Error> {
    if let Some(path) = given_file(options, environment) {
        let local = read(&path, Owner::Any)?;
        return Ok(Settings {
            server: checked(local.server)?,
            api_key: local.api_key,
        });
    }
    let key = environment
        .variable("TENANTRY_API_KEY")
        .map(|key| Plaintext::new(key.to_owned()));
    let server = match (&options.server, environment.variable("TENANTRY_SERVER")) {
        (Some(url), _) => Some(checked(url.clone())?),
        (None, Some(text)) => Some(checked(parse_server(text)?)?),
        (None, None) => None,
    };
    match (server, key) {
        (Some(server), Some(api_key)) => Ok(Settings { server, api_key }),
        (Some(server), None) => {
            let local = default_file(environment)
                .ok()
                .filter(|local| local.server.origin() == server.origin());
            let api_key = local.map(|local| local.api_key).ok_or_else(|| no_key(&server))?;
            Ok(Settings { server, api_key })
        }
        (None, key) => {
            let local = default_file(environment)?;
            Ok(Settings {
                server: checked(local.server)?,
                api_key: key.unwrap_or(local.api_key),
            })
        }
    }
}

/// The file that was named on the command line.
fn given_file(options: &Options, environment: &Environment) -> Option<PathBuf> {
    let path = match (&options.local, &options.data) {
        (Some(file), _) => file.clone(),
        (None, Some(data)) => data.join(LOCAL_FILE),
        (None, None) => return None,
    };
    Some(environment.directory.join(path))
}

/// The first local.json of the usual places.
fn default_file(environment: &Environment) -> Result<LocalFile, Error> {
    if let Some(data) = environment.variable("TENANTRY_DATA") {
        return read(&environment.directory.join(data).join(LOCAL_FILE), Owner::Any);
    }
    let places = default_places(environment);
    let found = places.iter().find(|path| match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    });
    match found {
        Some(path) => read(path, Owner::Trusted),
        None => Err(Error::usage(
            format!(
                "no server is configured: there is no {LOCAL_FILE} in {}",
                listed(&places)
            ),
            "Start one with `tenantry up`, name its directory with --data, or set TENANTRY_SERVER and TENANTRY_API_KEY.",
        )),
    }
}

fn default_places(environment: &Environment) -> Vec<PathBuf> {
    let home_data = environment
        .variable("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            environment
                .variable("HOME")
                .map(|home| Path::new(home).join(".local/share"))
        });
    [
        Some(environment.directory.join(".data").join(LOCAL_FILE)),
        home_data.map(|data| data.join("tenantry").join(LOCAL_FILE)),
        Some(Path::new("/var/lib/tenantry").join(LOCAL_FILE)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn listed(places: &[PathBuf]) -> String {
    let folders = places
        .iter()
        .filter_map(|path| path.parent())
        .map(|folder| folder.display().to_string());
    folders.collect::<Vec<_>>().join(", ")
}

/// Whose files are believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The person named the file.
    Any,
    /// Found by itself: only the person's own or root's, so that nobody else's directory decides where commands go.
    Trusted,
}

fn read(path: &Path, owner: Owner) -> Result<LocalFile, Error> {
    let shown = path.display();
    let cannot = |error: std::io::Error| {
        let advice = match error.kind() {
            ErrorKind::PermissionDenied => {
                "Run the command as the user who owns it, or set TENANTRY_SERVER and TENANTRY_API_KEY."
            }
            _ => "Is the installation started, and is the path right?",
        };
        Error::usage(format!("{shown} cannot be read: {error}"), advice)
    };
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    refuse_exposed(path, &metadata, owner)?;
    let mut text = String::new();
    file.take(LONGEST_LOCAL_FILE)
        .read_to_string(&mut text)
        .map_err(cannot)?;
    serde_json::from_str(&text).map_err(|error| {
        // Only the place: the message of a JSON error may quote a value, and the key is one.
        let (line, column) = (error.line(), error.column());
        Error::usage(
            format!("{shown} is not a local.json: line {line}, column {column}"),
            "It must hold `server` and `api_key`; `tenantry up` writes it anew.",
        )
    })
}

/// Refuses a file that others may read or change, or that somebody else put there.
fn refuse_exposed(path: &Path, metadata: &Metadata, owner: Owner) -> Result<(), Error> {
    let shown = path.display();
    if metadata.mode() & 0o077 != 0 {
        return Err(Error::usage(
            format!(
                "{shown} holds an API key and other users may read or change it (mode {:04o})",
                metadata.mode() & 0o7777
            ),
            format!(
                "Mend it with: chmod 600 '{shown}'\nIf others could see the key, make another with `tenantry key create` and revoke it."
            ),
        ));
    }
    let me = rustix::process::geteuid().as_raw();
    if owner == Owner::Trusted && me != 0 && metadata.uid() != me && metadata.uid() != 0 {
        return Err(Error::usage(
            format!("{shown} belongs to another user and was not asked for"),
            format!("If you trust it, say so with: --local '{shown}'"),
        ));
    }
    Ok(())
}

fn no_key(server: &Url) -> Error {
    Error::usage(
        format!(
            "there is no API key for {}",
            server.origin().ascii_serialization()
        ),
        "Set TENANTRY_API_KEY, or name the local.json of that server with --local.",
    )
}

fn parse_server(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|error| {
        Error::usage(
            format!("TENANTRY_SERVER is not an address: {error}"),
            "For example: https://panel.example.com",
        )
    })
}

/// Only plain HTTP addresses, without a password in them.
fn checked(server: Url) -> Result<Url, Error> {
    let plain = server.username().is_empty() && server.password().is_none();
    if plain && matches!(server.scheme(), "http" | "https") && server.has_host() {
        Ok(server)
    } else {
        Err(Error::usage(
            "the server's address must begin with http:// or https:// and hold no user name",
            "For example: https://panel.example.com",
        ))
    }
}
