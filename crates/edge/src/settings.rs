//! What the node decides about its edge: one value that cannot hold anything nginx would misread.

use std::num::NonZeroU8;

use crate::{
    cause::HostCause,
    error::SettingError,
    logo::OperatorLogo,
    network::{ClientAddressHeader, Listen, PublicScheme, TrustedProxy, Upstream},
    page::PageLanguage,
    state::HostState,
    text::{AbsolutePath, Domain, OperatorLink, OperatorName, PortalAddress},
};

/// The largest request body that the edge takes, in mebibytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimit(u32);

/// Everything that the files of the edge depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeSettings {
    /// Tenants are served at `<label>.<domain>`.
    pub domain: Domain,
    /// Where nginx listens.
    pub listen: Listen,
    /// Odoo's HTTP port.
    pub http_upstream: Upstream,
    /// Odoo's gevent port, for `/websocket`.
    pub websocket_upstream: Upstream,
    /// Holds the markers, one folder a state; nginx needs to read it only.
    pub hosts_dir: AbsolutePath,
    /// Holds what [`render`](crate::render) gives; nginx needs to read it only.
    pub config_dir: AbsolutePath,
    /// Holds nginx's pid file and temporary files; nginx must be able to write it.
    pub run_dir: AbsolutePath,
    /// One line a request, without query strings.
    pub access_log: AbsolutePath,
    /// Only what is critical. Its rare lines may hold query strings: keep it as secret as the data.
    pub error_log: AbsolutePath,
    /// Shown on the edge's own pages.
    pub operator: OperatorName,
    /// Where the operator's name on the pages leads. Without it the name is plain text.
    pub operator_link: Option<OperatorLink>,
    /// Shown at the top of the pages. Its bytes come from a file of the operator's, which the caller reads.
    pub logo: Option<OperatorLogo>,
    /// Linked from the pages of suspended, paused and restricted tenants.
    pub portal: Option<PortalAddress>,
    /// The pages' language for visitors who accept none of theirs.
    pub default_language: PageLanguage,
    /// Told to the application, which writes it into its links.
    pub scheme: PublicScheme,
    /// The largest upload.
    pub body_limit: BodyLimit,
    /// Proxies in front of the edge. Without any, the client's address is the connection's.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Read from trusted proxies only.
    pub client_address_header: ClientAddressHeader,
    /// Processes of nginx beside its master; each takes 4,096 connections.
    pub workers: NonZeroU8,
}

impl BodyLimit {
    /// A limit of so many mebibytes, 1 to 65,536: nginx would take 0 as "no limit".
    pub fn mebibytes(count: u32) -> Result<Self, SettingError> {
        if (1..=65_536).contains(&count) {
            Ok(Self(count))
        } else {
            Err(SettingError::BodyLimit(count))
        }
    }

    /// The limit in mebibytes.
    pub fn as_mebibytes(self) -> u32 {
        self.0
    }
}

impl Default for BodyLimit {
    /// 512 MiB: a restored attachment or an imported file, not a whole filestore.
    fn default() -> Self {
        Self(512)
    }
}

impl EdgeSettings {
    /// The folder of the edge's own pages.
    pub fn pages_dir(&self) -> String {
        format!("{}/pages", self.config_dir)
    }

    /// The folders that must exist before nginx starts.
    pub fn folders(&self) -> Vec<String> {
        let markers = HostState::ALL.map(|state| format!("{}/{}", self.hosts_dir, state.folder()));
        let causes = HostCause::ALL.map(|cause| format!("{}/{}", self.hosts_dir, cause.folder()));
        let own = [self.run_dir.to_string(), self.pages_dir()];
        markers.into_iter().chain(causes).chain(own).collect()
    }

    /// What to start nginx with. `-e` keeps it from opening the log that it was built with, which an
    /// unprivileged process cannot.
    pub fn nginx_arguments(&self) -> [String; 6] {
        [
            "-e".to_owned(),
            self.error_log.to_string(),
            "-p".to_owned(),
            self.run_dir.to_string(),
            "-c".to_owned(),
            format!("{}/nginx.conf", self.config_dir),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_limit_is_neither_nothing_nor_everything() {
        assert_eq!(BodyLimit::mebibytes(0), Err(SettingError::BodyLimit(0)));
        assert_eq!(BodyLimit::mebibytes(65_537), Err(SettingError::BodyLimit(65_537)));
        assert_eq!(BodyLimit::mebibytes(512), Ok(BodyLimit::default()));
    }
}
