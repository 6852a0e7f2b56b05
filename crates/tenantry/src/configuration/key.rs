//! Where the server's key comes from: systemd's credentials, the environment, a file, or the configuration itself. It is
//! given in one place only, so that nobody changes it in one and wonders why another holds.

use super::ServerFile;
use super::weak::strong;
use anyhow::{Context as _, Result, bail};
use control::ServerKey;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The variable that may hold the key.
const VARIABLE: &str = "TENANTRY_SERVER_KEY";
/// The variable in which systemd names the folder of a service's credentials, and the credential's name.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "tenantry-server-key";

/// The places outside of the configuration file.
#[derive(Debug, Default)]
struct Outside {
    variable: Option<String>,
    credentials: Option<PathBuf>,
}

impl Outside {
    fn of_process() -> Self {
        Self {
            variable: std::env::var(VARIABLE).ok(),
            credentials: std::env::var_os(CREDENTIALS).map(PathBuf::from),
        }
    }
}

impl ServerFile {
    /// The server's key, with those that it had before.
    pub(crate) fn server_key(&self) -> Result<ServerKey> {
        self.key_from(&Outside::of_process())
    }

    fn key_from(&self, outside: &Outside) -> Result<ServerKey> {
        let credential = outside.credentials.as_ref().map(|folder| folder.join(CREDENTIAL));
        let credential = credential.filter(|path| path.exists());
        let given = [
            credential.as_ref().map(|path| (CREDENTIAL, read(path))),
            outside.variable.clone().map(|key| (VARIABLE, Ok(key))),
            self.key_file.as_ref().map(|path| ("key_file", guarded(path))),
            self.key.clone().map(|key| ("key", Ok(key))),
        ];
        let mut given: Vec<_> = given.into_iter().flatten().collect();
        let Some((place, key)) = given.pop() else {
            bail!(
                "the server's key is missing: set key or key_file, {VARIABLE}, or the credential {CREDENTIAL}"
            );
        };
        if let Some((other, _)) = given.first() {
            bail!("the server's key is given twice, as {other} and as {place}; leave one");
        }
        let key = key?;
        strong(place, key.trim())?;
        let former = self.previous_keys.iter().map(|key| ServerKey::from_hex(key));
        let former = former.collect::<Result<Vec<_>, _>>().context("previous_keys")?;
        Ok(ServerKey::from_hex(&key).context(place)?.with_former(former))
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// Reads a file that only its owner may read.
fn guarded(path: &Path) -> Result<String> {
    let metadata = std::fs::metadata(path).with_context(|| format!("reading {}", path.display()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!(
            "others may read {}; run: chmod 600 {}",
            path.display(),
            path.display()
        );
    }
    read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "5f0c1e9ab7d24386f1a05c7e9b3d8264e1f7a90b5c3d2e684790abcdef135792";

    fn file(more: &str) -> Result<ServerFile> {
        let text = format!("listen = \"127.0.0.1:1\"\ndatabase_url = \"x\"\npanel = \"y\"\n{more}");
        Ok(toml::from_str(&text)?)
    }

    fn refused(file: &ServerFile, outside: &Outside) -> String {
        file.key_from(outside)
            .map_or_else(|error| format!("{error:#}"), |_| "taken".to_owned())
    }

    #[test]
    fn the_key_comes_from_one_place() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (nowhere, none) = (file("")?, Outside::default());
        assert!(refused(&nowhere, &none).contains("missing"));
        let variable = Outside {
            variable: Some(KEY.to_owned()),
            credentials: Some(folder.path().to_owned()),
        };
        assert_eq!(refused(&nowhere, &variable), "taken");
        let inline = file(&format!("key = \"{KEY}\""))?;
        assert_eq!(refused(&inline, &none), "taken");
        assert!(refused(&inline, &variable).contains("twice"));
        std::fs::write(folder.path().join(CREDENTIAL), format!("{KEY}\n"))?;
        assert!(refused(&nowhere, &variable).contains("twice"));
        let credential = Outside {
            variable: None,
            ..variable
        };
        assert_eq!(refused(&nowhere, &credential), "taken");
        Ok(())
    }

    #[test]
    fn a_file_that_others_may_read_and_a_weak_key_are_refused() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("key");
        let named = file(&format!("key_file = \"{}\"", path.display()))?;
        let none = Outside::default();
        std::fs::write(&path, KEY)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        assert!(refused(&named, &none).contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        assert_eq!(refused(&named, &none), "taken");
        std::fs::write(&path, "0".repeat(64))?;
        assert!(refused(&named, &none).contains("guessed"));
        std::fs::write(&path, KEY.replace('5', "z"))?;
        assert!(refused(&named, &none).contains("hexadecimal"));
        Ok(())
    }
}
