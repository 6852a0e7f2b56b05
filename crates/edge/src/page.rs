//! The pages that the edge itself answers with.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::{
    cause::HostCause,
    error::SettingError,
    page_text::{PageText, page_text, portal_link},
    settings::EdgeSettings,
    template::fill,
};

const STYLE: &str = include_str!("template/page.css");

/// A language that the edge's pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageLanguage {
    /// Español.
    Spanish,
    /// English.
    English,
}

/// What a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// No tenant, or nothing that is served: 404.
    Unknown,
    /// 402, for this reason if one is told.
    Suspended(Option<HostCause>),
    /// 503.
    Paused,
    /// 503.
    Maintenance,
    /// The back office alone is closed: 402, for this reason if one is told.
    Restricted(Option<HostCause>),
    /// The application does not answer: 502 or 504.
    Unavailable,
}

impl PageLanguage {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Spanish, Self::English];

    /// The language's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }
}

impl FromStr for PageLanguage {
    type Err = SettingError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|language| language.as_str() == text);
        known.ok_or_else(|| SettingError::PageLanguage(text.to_owned()))
    }
}

impl Page {
    const ALL: [Self; 12] = [
        Self::Unknown,
        Self::Suspended(None),
        Self::Suspended(Some(HostCause::Unpaid)),
        Self::Suspended(Some(HostCause::Quota)),
        Self::Suspended(Some(HostCause::Expired)),
        Self::Paused,
        Self::Maintenance,
        Self::Restricted(None),
        Self::Restricted(Some(HostCause::Unpaid)),
        Self::Restricted(Some(HostCause::Quota)),
        Self::Restricted(Some(HostCause::Expired)),
        Self::Unavailable,
    ];

    /// Its file's name, as `nginx.conf` puts it together.
    fn name(self) -> String {
        let name = match self {
            Self::Unknown => "unknown",
            Self::Suspended(_) => "suspended",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
            Self::Restricted(_) => "restricted",
            Self::Unavailable => "unavailable",
        };
        match self {
            Self::Suspended(Some(cause)) | Self::Restricted(Some(cause)) => {
                format!("{name}-{}", cause.folder())
            }
            _ => name.to_owned(),
        }
    }

    /// Whether the customer can do something about it in the portal.
    fn leads_to_portal(self) -> bool {
        matches!(self, Self::Suspended(_) | Self::Paused | Self::Restricted(_))
    }

    /// Whether what the customer can do there is to pay.
    pub(crate) fn is_unpaid(self) -> bool {
        matches!(
            self,
            Self::Suspended(Some(HostCause::Unpaid)) | Self::Restricted(Some(HostCause::Unpaid))
        )
    }
}

/// Allows the pages' one style sheet, by its hash, a logo that is inside the page, and nothing else.
pub(crate) fn content_security_policy(settings: &EdgeSettings) -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let image = settings.logo.as_ref().map_or("", |_| "img-src data:; ");
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; {image}\
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Every page in every language, with its file name.
pub(crate) fn all(settings: &EdgeSettings) -> impl Iterator<Item = (String, String)> + '_ {
    Page::ALL.into_iter().flat_map(move |page| {
        PageLanguage::ALL.into_iter().map(move |language| {
            let name = format!("{}.{}.html", page.name(), language.as_str());
            (name, html(page, language, settings))
        })
    })
}

fn html(page: Page, language: PageLanguage, settings: &EdgeSettings) -> String {
    let PageText {
        status,
        title,
        paragraphs,
    } = page_text(page, language);
    let mut body: Vec<String> = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    if let Some(portal) = settings.portal.as_ref().filter(|_| page.leads_to_portal()) {
        let address = escape(portal.as_str());
        let label = portal_link(page, language);
        body.push(format!("<p><a href=\"{address}\">{label}</a></p>"));
    }
    fill(
        include_str!("template/page.html"),
        &[
            ("language", language.as_str()),
            ("status", status),
            ("title", title),
            ("paragraphs", &body.join("\n")),
            ("header", &header(settings)),
            ("operator", &escape(settings.operator.as_str())),
            ("footer", &footer(settings)),
            ("style", STYLE),
        ],
    )
}

/// The operator's logo, if there is one.
fn header(settings: &EdgeSettings) -> String {
    settings.logo.as_ref().map_or_else(String::new, |logo| {
        let (address, operator) = (logo.address(), escape(settings.operator.as_str()));
        format!("<header><img src=\"{address}\" alt=\"{operator}\"></header>\n")
    })
}

/// The operator's name, which leads to the operator's site, if one is known.
fn footer(settings: &EdgeSettings) -> String {
    let operator = escape(settings.operator.as_str());
    match &settings.operator_link {
        Some(link) => format!("<a href=\"{}\">{operator}</a>", escape(link.as_str())),
        None => operator,
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn languages_are_known_by_their_codes() {
        assert_eq!("es".parse(), Ok(PageLanguage::Spanish));
        assert_eq!("en".parse(), Ok(PageLanguage::English));
        assert_eq!(
            "ES".parse::<PageLanguage>(),
            Err(SettingError::PageLanguage("ES".to_owned()))
        );
    }
}
