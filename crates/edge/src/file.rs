//! The files of an edge, to be written by whoever owns the disk.

use crate::{
    digest::{DIGEST_FILE, digest},
    nginx, page,
    settings::EdgeSettings,
};

/// One file of the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeFile {
    /// Relative to [`EdgeSettings::config_dir`].
    pub path: String,
    /// All of its text.
    pub content: String,
}

/// All files of the edge: `nginx.conf`, the pages under `pages/`, and the [`digest`] of those. The same settings
/// always give the same text, so a caller that compares knows whether a reload is due.
pub fn render(settings: &EdgeSettings) -> Vec<EdgeFile> {
    let configuration = EdgeFile {
        path: "nginx.conf".to_owned(),
        content: nginx::configuration(settings),
    };
    let pages = page::all(settings).map(|(name, content)| EdgeFile {
        path: format!("pages/{name}"),
        content,
    });
    let mut files: Vec<EdgeFile> = std::iter::once(configuration).chain(pages).collect();
    files.push(EdgeFile {
        path: DIGEST_FILE.to_owned(),
        content: nginx::digest_variable(&digest(&files)),
    });
    files
}
