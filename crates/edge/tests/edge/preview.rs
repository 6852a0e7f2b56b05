//! What the panel shows of a page before somebody is suspended is what the page says.

use std::path::Path;
use std::{fs, io};

fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

#[test]
fn the_panel_s_preview_has_the_words_of_the_page() {
    for language in ["en", "es"] {
        let words = read(&format!("../web/messages/{language}/tenants.txt")).unwrap();
        let word = |key: String| {
            let found = words
                .lines()
                .find_map(|line| line.strip_prefix(&key)?.strip_prefix(" = "));
            assert!(found.is_some(), "{key} is missing in {language}");
            found.unwrap_or_default().to_owned()
        };
        for (form, page) in [("full", "suspended"), ("office", "restricted")] {
            for (cause, end) in [("other", ""), ("unpaid", "-unpaid"), ("quota", "-quota")] {
                let shown = read(&format!("tests/golden/plain/pages/{page}{end}.{language}.html")).unwrap();
                let key = format!("preview_{form}_{cause}");
                let (why, next) = (word(format!("{key}_why")), word(format!("{key}_next")));
                for text in [
                    format!("<h1>{}</h1>", word(key)),
                    format!("<p>{why}</p>"),
                    format!("<p>{next}</p>"),
                ] {
                    assert!(shown.contains(&text), "{text} is not on {page}{end}.{language}");
                }
            }
        }
    }
}
