//! Which drawings may stand on a page: plain shapes, in themselves.
//!
//! Browsers run nothing and fetch nothing for an image in a `data:` address. This is the second lock, for
//! whoever opens the drawing by itself, and it tells the operator at once what a viewer would leave out.
//! It is a list of what is allowed, so what a later version of SVG brings is refused until somebody has looked.

/// The elements that a logo is drawn with. No scripts, no foreign objects, no images, no links, no animation.
const ELEMENTS: [&str; 24] = [
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "style",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "marker",
];

/// The attributes with a prefix that are known; others come from drawing programs, which can leave them out.
const PREFIXED: [&str; 4] = ["xml:space", "xml:lang", "xmlns:xlink", "xlink:href"];

/// The only addresses that may stand in a drawing: names, which nobody fetches.
const NAMESPACES: [(&str, &str); 2] = [
    ("xmlns", "http://www.w3.org/2000/svg"),
    ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
];

/// What leads, or could lead, out of the drawing; `\` could spell any of it.
const REFUSED: [&str; 8] = [
    "//",
    "\\",
    "@",
    "javascript:",
    "data:",
    "image(",
    "image-set(",
    "src(",
];

/// Nothing, or what is wrong with this drawing.
pub(crate) fn check(drawing: &str) -> Result<(), String> {
    let is_text = |character: char| !character.is_control() || "\t\r\n".contains(character);
    if !drawing.chars().all(is_text) {
        return Err("it holds control characters".to_owned());
    }
    let mut rest = after_declaration(drawing)?;
    let mut open: Vec<&str> = Vec::new();
    let mut has_root = false;
    while let Some((text, markup)) = rest.split_once('<') {
        check_text(text, &open)?;
        rest = if let Some(comment) = markup.strip_prefix("!--") {
            comment.split_once("-->").ok_or("a comment does not end")?.1
        } else if let Some(closing) = markup.strip_prefix('/') {
            let (name, after) = closing.split_once('>').ok_or("a tag does not end")?;
            if open.pop() != Some(name.trim_end()) {
                return Err(format!("</{name}> closes nothing"));
            }
            after
        } else {
            let tag = Tag::read(markup)?;
            if open.is_empty() && (has_root || tag.name != "svg") {
                return Err("it is not one <svg> element".to_owned());
            }
            has_root = true;
            if !tag.is_empty {
                open.push(tag.name);
            }
            tag.after
        };
    }
    check_text(rest, &open)?;
    match open.last() {
        Some(name) => Err(format!("<{name}> is not closed")),
        None if has_root => Ok(()),
        None => Err("it is not one <svg> element".to_owned()),
    }
}

/// What follows `<?xml …?>`. Another encoding than the one it was checked in would make it another text.
fn after_declaration(drawing: &str) -> Result<&str, String> {
    let drawing = drawing.trim_start_matches('\u{feff}').trim_start();
    let Some(declaration) = drawing.strip_prefix("<?xml ") else {
        return Ok(drawing);
    };
    let (declaration, after) = declaration.split_once("?>").ok_or("<?xml does not end")?;
    let lower = declaration.to_ascii_lowercase();
    let is_utf8 = lower.contains("\"utf-8\"") || lower.contains("'utf-8'");
    if lower.contains("encoding") && !is_utf8 {
        return Err("it is not in UTF-8".to_owned());
    }
    Ok(after)
}

/// A start tag, and what follows it.
struct Tag<'drawing> {
    name: &'drawing str,
    is_empty: bool,
    after: &'drawing str,
}

impl<'drawing> Tag<'drawing> {
    /// Reads a start tag whose `<` is taken off already.
    fn read(markup: &'drawing str) -> Result<Self, String> {
        let (name, mut rest) = split_name(markup);
        if !ELEMENTS.contains(&name) {
            let shown = markup.split(['>', ' ', '\n']).next().unwrap_or_default();
            return Err(format!("<{shown}> is not allowed"));
        }
        loop {
            let trimmed = rest.trim_start();
            for (end, is_empty) in [("/>", true), (">", false)] {
                if let Some(after) = trimmed.strip_prefix(end) {
                    return Ok(Self {
                        name,
                        is_empty,
                        after,
                    });
                }
            }
            let (attribute, after) = split_name(trimmed);
            if attribute.is_empty() || trimmed.len() == rest.len() {
                return Err(format!("<{name}> is not well-formed"));
            }
            let (value, after) =
                split_value(after).ok_or_else(|| format!("{attribute} of <{name}> has no value"))?;
            check_attribute(attribute, value)?;
            rest = after;
        }
    }
}

fn split_name(text: &str) -> (&str, &str) {
    let is_inner = |character: char| character.is_ascii_alphanumeric() || "_:.-".contains(character);
    text.split_at(text.find(|character| !is_inner(character)).unwrap_or(text.len()))
}

/// The quoted value after a `=`, and what follows it.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let quoted = text.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|quote| "\"'".contains(*quote))?;
    quoted[1..].split_once(quote)
}

fn check_attribute(name: &str, value: &str) -> Result<(), String> {
    let prefixed = name.contains(':') && !PREFIXED.contains(&name);
    if prefixed || name.to_ascii_lowercase().starts_with("on") {
        return Err(format!("the attribute {name} is not allowed"));
    }
    if name.starts_with("xmlns") {
        let known = NAMESPACES.contains(&(name, value));
        return known
            .then_some(())
            .ok_or_else(|| format!("{name} is not {value:?}"));
    }
    let is_reference = name == "xlink:href" || name.eq_ignore_ascii_case("href");
    if is_reference && !value.starts_with('#') {
        return Err(format!("{name} leads out of the drawing"));
    }
    check_value(value).map_err(|why| format!("{name} {why}"))
}

/// Text inside a style sheet is read by the browser; elsewhere it is only shown, or lies outside of the root.
fn check_text(text: &str, open: &[&str]) -> Result<(), String> {
    match open.last() {
        Some(&"style") => check_value(text).map_err(|why| format!("the style sheet {why}")),
        Some(_) => check_references(text),
        None if text.trim().is_empty() => Ok(()),
        None => Err("there is text beside <svg>".to_owned()),
    }
}

fn check_value(value: &str) -> Result<(), String> {
    check_references(value)?;
    let lower = value.to_ascii_lowercase();
    if let Some(word) = REFUSED.into_iter().find(|word| lower.contains(word)) {
        return Err(format!("holds {word:?}"));
    }
    let inside = |address: &str| {
        address
            .trim_start()
            .trim_start_matches(['"', '\''])
            .starts_with('#')
    };
    if value.contains('<') || !lower.split("url(").skip(1).all(inside) {
        return Err("leads out of the drawing".to_owned());
    }
    Ok(())
}

/// Only the five names that XML itself knows: a number could spell what was looked for.
fn check_references(text: &str) -> Result<(), String> {
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
    let all_known = text
        .split('&')
        .skip(1)
        .all(|after| known.iter().any(|name| after.starts_with(name)));
    all_known
        .then_some(())
        .ok_or_else(|| "holds a character reference".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMESPACE: &str = "xmlns=\"http://www.w3.org/2000/svg\"";

    #[test]
    fn what_drawing_programs_write_plainly_passes() {
        for drawing in [
            format!("<svg {NAMESPACE} viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9z\" fill=\"#0b5cad\"/></svg>"),
            format!(
                "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a logo -->\n<svg {NAMESPACE} \
                 xmlns:xlink='http://www.w3.org/1999/xlink' width=\"9\">\n<title>Nubes &amp; Cía</title>\n\
                 <style>.a{{fill:url(#g);stroke:#fff}}</style><defs><linearGradient id=\"g\"><stop offset=\"0\"/>\
                 </linearGradient></defs><g class=\"a\" style=\"clip-path: url( '#c' )\"><use xlink:href=\"#x\"/>\
                 <text x=\"1\" y=\"2\">Nubes</text></g ></svg>\n<!-- end -->\n"
            ),
        ] {
            assert_eq!(check(&drawing), Ok(()), "{drawing}");
        }
    }

    #[test]
    fn what_runs_or_leads_elsewhere_is_refused() {
        for inner in [
            "<script>alert(1)</script>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<svg:script/>",
            "<foreignObject><p/></foreignObject>",
            "<image href=\"#a\"/>",
            "<a href=\"#a\"><path/></a>",
            "<animate attributeName=\"href\" to=\"#a\"/>",
            "<set attributeName=\"onload\"/>",
            "<path onload=\"alert(1)\"/>",
            "<path OnClick='alert(1)'/>",
            "<path\nonload=\"alert(1)\"/>",
            "<use href=\"https://example.com/x.svg#a\"/>",
            "<use href=\"//example.com/x.svg#a\"/>",
            "<use href=\"x.svg#a\"/>",
            "<use xlink:href=\"data:image/svg+xml,x#a\"/>",
            "<use a:href=\"#a\" xmlns:a=\"http://www.w3.org/1999/xlink\"/>",
            "<use href=\"&#104;ttp:x\"/>",
            "<path fill=\"url(https://example.com/x#a)\"/>",
            "<path fill=\"URL( x.svg#a)\"/>",
            "<path fill=\"url(&quot;x.svg#a&quot;)\"/>",
            "<path cursor=\"url(x.png)\"/>",
            "<path style=\"fill:u\\72l(x)\"/>",
            "<style>@import \"x.css\";</style>",
            "<style>.a{background:image-set(\"x.png\" 1x)}</style>",
            "<style>.a{fill:url(x.svg#a)}</style>",
            "<style>.a{fill:u&#114;l(x)}</style>",
            "<style><![CDATA[@import 'x']]></style>",
            "<!DOCTYPE svg>",
            "<?xml-stylesheet href=\"x.css\"?>",
            "<text>&e;</text>",
            "<text>\u{0}</text>",
        ] {
            let drawing = format!("<svg {NAMESPACE}>{inner}</svg>");
            assert!(check(&drawing).is_err(), "{inner}");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        for text in [
            "",
            "text",
            "<html></html>",
            "<svg",
            "<svg>",
            "<svg></g></svg>",
            "<svg/><svg/>",
            "<svg/>text",
            "<svg a></svg>",
            "<svg a=b></svg>",
            "<svg a=\"b></svg>",
            "<svg a=\"1\"b=\"2\"/>",
            "<svg><!-- </svg>",
            "<svg xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "<?xml version=\"1.0\" encoding=\"UTF-7\"?><svg/>",
            "<!DOCTYPE svg [<!ENTITY e \"x\">]><svg/>",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
