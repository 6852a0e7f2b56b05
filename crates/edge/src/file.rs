//! The files of an edge, to be written by whoever owns the disk.

use crate::{nginx, page, settings::EdgeSettings};

/// One file of the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeFile {
    /// Relative to [`EdgeSettings::config_dir`].
    pub path: String,
    /// All of its text.
    pub content: String,
}

/// All files of the edge: `nginx.conf` and the pages under `pages/`. The same settings always give the
/// same text, so a caller that compares knows whether a reload is due.
pub fn render(settings: &EdgeSettings) -> Vec<EdgeFile> {
    let configuration = EdgeFile {
        path: "nginx.conf".to_owned(),
        content: nginx::configuration(settings),
    };
    let pages = page::all(settings).map(|(name, content)| EdgeFile {
        path: format!("pages/{name}"),
        content,
    });
    std::iter::once(configuration).chain(pages).collect()
}
