//! Who runs the company, as the edge's pages show it.

use crate::files;
use crate::up::layout::Layout;
use anyhow::{Context as _, Result};
use edge::OperatorLogo;
use serde::Deserialize;
use std::path::PathBuf;

const FILE: &str = "operator.toml";

/// `operator.toml` in the data folder, where there is one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operator {
    /// The company's name.
    pub(super) name: Option<String>,
    /// The company's own site.
    pub(super) link: Option<String>,
    /// Where customers pay and resume.
    pub(super) portal: Option<String>,
    /// An SVG, PNG or WebP file of at most 8 kB, beside this file.
    logo: Option<PathBuf>,
    /// `es` or `en`, for visitors who accept neither.
    pub(super) language: Option<String>,
}

impl Operator {
    pub(super) fn read(layout: &Layout) -> Result<Self> {
        let path = layout.path(FILE);
        match files::read(&path)? {
            Some(text) => toml::from_str(&text).with_context(|| format!("reading {}", path.display())),
            None => Ok(Self::default()),
        }
    }

    pub(super) fn logo(&self, layout: &Layout) -> Result<Option<OperatorLogo>> {
        let Some(logo) = &self.logo else { return Ok(None) };
        let path = layout.path("").join(logo);
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let logo = OperatorLogo::try_from(bytes.as_slice());
        Ok(Some(logo.with_context(|| {
            format!("{} cannot be the logo", path.display())
        })?))
    }

    /// The bytes of all that it is read from, to tell whether any of it changed.
    pub(super) fn bytes(layout: &Layout) -> (Vec<u8>, Vec<u8>) {
        let operator = std::fs::read(layout.path(FILE)).unwrap_or_default();
        let logo = Self::read(layout).ok().and_then(|operator| operator.logo);
        let logo = logo.and_then(|logo| std::fs::read(layout.path("").join(logo)).ok());
        (operator, logo.unwrap_or_default())
    }
}
