//! Odoo's own command line, run as the installation's Odoo is.

use crate::Installation;
use anyhow::{Context as _, Result, ensure};
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

impl Installation {
    /// Runs `odoo db …` with the installation's configuration and account.
    ///
    /// # Errors
    /// When it cannot be run, or fails; what it said is in the error.
    pub async fn odoo_db(&self, arguments: &[&str]) -> Result<()> {
        let configuration = self.path("odoo/odoo.conf");
        let account = std::fs::metadata(&configuration)?;
        let text = std::fs::read_to_string(self.path("node/node.toml"))?;
        let program = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(_, value)| value.trim().trim_matches('"'))
            .find(|value| value.ends_with("/bin/odoo"))
            .context("the node's configuration names no Odoo")?;
        let mut command = tokio::process::Command::new(program);
        command
            .arg("db")
            .arg("-c")
            .arg(&configuration)
            .args(arguments)
            .current_dir("/")
            .env("HOME", self.path("odoo/data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Only root can become somebody else, and only root has to.
        if std::fs::metadata("/proc/self")?.uid() == 0 {
            command.uid(account.uid()).gid(account.gid());
        }
        let output = command.output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "odoo db {arguments:?} ended with {}: {said}",
            output.status
        );
        Ok(())
    }
}
