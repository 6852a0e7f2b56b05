//! The operator's logo, which travels inside the pages: they load nothing, not even from the edge.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{error::SettingError, svg};

/// The most bytes of a logo. In a page it is a third longer, and pages stay below 20 kB.
const MOST_BYTES: usize = 8 * 1024;

/// A small picture: an SVG of plain shapes, a PNG or a WebP. It is shown 40 pixels high on white, in the
/// light and in the dark dress of the pages, and described by the operator's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorLogo {
    media_type: &'static str,
    base64: String,
}

impl OperatorLogo {
    /// The whole picture as an address.
    pub(crate) fn address(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64)
    }
}

impl TryFrom<&[u8]> for OperatorLogo {
    type Error = SettingError;

    /// Takes the content of a file, 8,192 bytes at most, and tells its kind by its first bytes.
    ///
    /// # Errors
    /// Where it is empty or too long, no picture, or a drawing that holds more than shapes: scripts, event
    /// handlers, foreign objects, pictures, references to elsewhere, or what a drawing program keeps for itself.
    fn try_from(content: &[u8]) -> Result<Self, Self::Error> {
        if !(1..=MOST_BYTES).contains(&content.len()) {
            return Err(SettingError::LogoSize(content.len()));
        }
        Ok(Self {
            media_type: media_type(content)?,
            base64: STANDARD.encode(content),
        })
    }
}

fn media_type(content: &[u8]) -> Result<&'static str, SettingError> {
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok("image/png");
    }
    // "RIFF", four bytes of length, "WEBP".
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Ok("image/webp");
    }
    let text = std::str::from_utf8(content).map_err(|_| SettingError::LogoFormat)?;
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return Err(SettingError::LogoFormat);
    }
    svg::check(text).map_err(SettingError::LogoDrawing)?;
    Ok("image/svg+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content: &[u8]) -> Result<&'static str, SettingError> {
        OperatorLogo::try_from(content).map(|logo| logo.media_type)
    }

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Ok("image/png"));
        assert_eq!(kind(b"RIFF\x10\0\0\0WEBPVP8 "), Ok("image/webp"));
        let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        assert_eq!(kind(drawing), Ok("image/svg+xml"));
        for other in [
            &b"GIF89a"[..],
            b"\xff\xd8\xff\xe0",
            b"RIFF\x10\0\0\0WAVE",
            b"\x89PNG",
            b"<svg>\xff</svg>",
            b"alert(1)",
            b"\xff\xfe<\0s\0v\0g\0/\0>\0",
        ] {
            assert_eq!(kind(other), Err(SettingError::LogoFormat), "{other:?}");
        }
        assert!(matches!(kind(b"<html/>"), Err(SettingError::LogoDrawing(_))));
    }

    #[test]
    fn a_logo_has_a_size() {
        let picture = |length: usize| [&b"\x89PNG\r\n\x1a\n"[..], &vec![0; length - 8]].concat();
        assert_eq!(kind(&picture(8192)), Ok("image/png"));
        assert_eq!(kind(&picture(8193)), Err(SettingError::LogoSize(8193)));
        assert_eq!(kind(b""), Err(SettingError::LogoSize(0)));
    }

    #[test]
    fn it_travels_as_an_address() {
        let logo = OperatorLogo::try_from(&b"\x89PNG\r\n\x1a\n"[..]).unwrap();
        assert_eq!(logo.address(), "data:image/png;base64,iVBORw0KGgo=");
    }
}
