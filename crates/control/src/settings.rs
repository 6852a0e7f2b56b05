//! What the operator can set about the use cases.

use domain::{Language, PlanName, TemplateName};

/// Settings of the control plane.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address of the panel, for one-time links; no slash at its end.
    pub panel: String,
    /// Plan of a tenant for which none was named, where an interface allows that.
    pub default_plan: PlanName,
    /// Template of a tenant for which none was named.
    pub default_template: TemplateName,
    /// Language of a tenant for which none was named.
    pub default_language: Language,
    /// The folder into which this server takes uploads; without it, it takes none.
    pub uploads: Option<std::path::PathBuf>,
}

impl Settings {
    /// The settings that an installation starts with.
    ///
    /// # Errors
    /// Never in practice: the defaults pass their own rules.
    pub fn with_panel(panel: &str) -> Result<Self, domain::Rule> {
        Ok(Self {
            panel: panel.trim_end_matches('/').to_owned(),
            default_plan: "basic".parse()?,
            default_template: "template_tenant".parse()?,
            default_language: "es".parse()?,
            uploads: None,
        })
    }
}
