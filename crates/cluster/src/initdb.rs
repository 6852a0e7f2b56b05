//! Makes a new data folder with `initdb`, in whole or not at all.

use crate::account::Account;
use crate::binaries::Binaries;
use crate::child::{ChildSpec, StopStep};
use crate::error::ClusterError;
use crate::files;
use crate::launch;
use crate::postmaster;
use crate::settings::{ClusterSettings, Durability};
use crate::signal::Signal;
use crate::supervisor::Supervisor;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Its name in the cluster's supervisor.
pub(crate) const NAME: &str = "initdb";
/// Seconds on the slowest disks seen; minutes mean that it hangs.
const DEADLINE: Duration = Duration::from_secs(300);

/// Makes the data folder. `initdb` works beside it, and its finished work is renamed: whenever we are killed,
/// the data folder is either complete or not there, and the next call starts over.
///
/// # Errors
/// When `initdb` fails (its output is in the error) or files cannot be made.
pub(crate) async fn make(
    settings: &ClusterSettings,
    binaries: &Binaries,
    account: &Account,
    supervisor: &Supervisor,
) -> Result<(), ClusterError> {
    let fresh = settings.beside("initdb");
    let password_file = settings.beside("password");
    let error = |action, path: &Path| {
        let path = path.to_owned();
        move |source| ClusterError::File { action, path, source }
    };
    // initdb would take its first line for the whole.
    if settings.password.expose().contains(['\n', '\r']) {
        return Err(ClusterError::Setting {
            name: "password".to_owned(),
        });
    }
    files::private_folder(&fresh, account).map_err(error("make", &fresh))?;
    let password = format!("{}\n", settings.password.expose());
    files::replace(&password_file, &password, 0o600, Some(account))
        .map_err(error("write", &password_file))?;
    let made = supervisor
        .run(spec(settings, binaries, account, &fresh, &password_file))
        .await;
    files::remove_if_there(&password_file).map_err(error("remove", &password_file))?;
    made?;
    fs::rename(&fresh, &settings.data_dir).map_err(error("make", &settings.data_dir))?;
    if settings.durability == Durability::Durable
        && let Some(parent) = settings.data_dir.parent()
    {
        // initdb has flushed the files; the new name must last as well.
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(error("flush", parent))?;
    }
    Ok(())
}

/// Removes what an interrupted `make` left, the password first.
///
/// # Errors
/// When it cannot be removed.
pub(crate) async fn clear(settings: &ClusterSettings) -> Result<(), ClusterError> {
    let password_file = settings.beside("password");
    files::remove_if_there(&password_file).map_err(|source| ClusterError::File {
        action: "remove",
        path: password_file,
        source,
    })?;
    let fresh = settings.beside("initdb");
    // The server that initdb feeds goes on for a moment after initdb was killed, and writes what is removed here.
    postmaster::end_leftovers(&fresh).await?;
    remove_folder(&fresh).map_err(|source| ClusterError::File {
        action: "remove",
        path: fresh,
        source,
    })
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn spec(
    settings: &ClusterSettings,
    binaries: &Binaries,
    account: &Account,
    fresh: &Path,
    password_file: &Path,
) -> ChildSpec {
    let mut spec = ChildSpec::new(NAME, binaries.program("initdb"), &settings.log_file)
        .args(["-D".as_ref(), fresh.as_os_str()])
        .args(["--username", &settings.superuser])
        .args(["--pwfile".as_ref(), password_file.as_os_str()])
        .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--data-checksums", "--no-instructions"])
        .run_as(account.clone());
    if settings.durability == Durability::Disposable {
        spec = spec.args(["--no-sync"]);
    }
    spec.env = launch::plain_environment();
    spec.env.extend(binaries.environment());
    spec.ready_deadline = DEADLINE;
    // There is nothing to save: what it made is thrown away when it did not finish.
    spec.stop = vec![StopStep {
        signal: Signal::KILL,
        patience: Duration::from_secs(5),
    }];
    spec
}
