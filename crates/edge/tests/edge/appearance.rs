//! The pages as a browser shows them: small, whole in themselves, readable for everybody.

use std::path::Path;

use edge::{EdgeFile, EdgeSettings, OperatorLogo, render};

use crate::{TestResult, nginx};

const LOGO: &[u8] = include_bytes!("../logo.svg");

fn settings() -> TestResult<EdgeSettings> {
    let upstreams = ["127.0.0.1:8069".parse()?, "127.0.0.1:8072".parse()?];
    nginx::settings(Path::new("/srv/tenantry"), "127.0.0.1:8080".parse()?, upstreams)
}

fn dressed(logo: &[u8]) -> TestResult<EdgeSettings> {
    Ok(EdgeSettings {
        operator: "&".repeat(80).parse()?,
        operator_link: Some(format!("https://example.com/{}", "&".repeat(480)).parse()?),
        portal: Some(format!("https://example.com/{}", "&".repeat(480)).parse()?),
        logo: Some(OperatorLogo::try_from(logo)?),
        ..settings()?
    })
}

fn pages(settings: &EdgeSettings) -> Vec<EdgeFile> {
    let files = render(settings).into_iter();
    files.filter(|file| file.path.ends_with(".html")).collect()
}

#[test]
fn every_page_is_small_with_the_largest_of_everything() -> TestResult {
    let logo = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 8184]].concat();
    for page in pages(&dressed(&logo)?) {
        assert!(
            page.content.len() < 20_000,
            "{}: {}",
            page.path,
            page.content.len()
        );
    }
    Ok(())
}

#[test]
fn a_page_needs_nothing_but_itself() -> TestResult {
    for page in pages(&dressed(LOGO)?) {
        let html = &page.content;
        for tag in [
            "<script",
            "<link",
            "<iframe",
            "<form",
            "url(",
            "@import",
            "http-equiv",
            "srcset",
        ] {
            assert!(!html.contains(tag), "{} holds {tag}", page.path);
        }
        let loaded: Vec<&str> = html.split("src=\"").skip(1).collect();
        assert_eq!(loaded.len(), 1, "{}", page.path);
        assert!(
            loaded[0].starts_with("data:image/svg+xml;base64,"),
            "{}",
            page.path
        );
        for link in html.split("href=\"").skip(1) {
            assert!(link.starts_with("https://example.com/"), "{}: {link}", page.path);
        }
    }
    Ok(())
}

#[test]
fn landmarks_language_and_names_are_there() -> TestResult {
    for page in pages(&dressed(LOGO)?) {
        let html = &page.content;
        for once in [
            "<!DOCTYPE html>\n<html lang=\"",
            "<meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
            "<title>",
            "<body>\n<header><img src=\"",
            "</header>\n<main>",
            "<h1>",
            "</main>\n<footer><a href=\"",
        ] {
            assert_eq!(html.matches(once).count(), 1, "{}: {once}", page.path);
        }
        let language = page.path.split('.').nth(1).ok_or("no language")?;
        assert!(
            html.contains(&format!("<html lang=\"{language}\">")),
            "{}",
            page.path
        );
        let named = format!("alt=\"{}\"", "&amp;".repeat(80));
        assert!(html.contains(&named), "{}", page.path);
    }
    for page in pages(&settings()?) {
        for absent in ["<header", "<img", "<a "] {
            assert!(!page.content.contains(absent), "{}: {absent}", page.path);
        }
        assert!(
            page.content.contains("<footer>Nubes &amp; Cía</footer>"),
            "{}",
            page.path
        );
    }
    Ok(())
}

/// WCAG 2.2, 1.4.3: 4.5 to 1 for text.
#[test]
fn contrast_is_enough_in_the_light_and_in_the_dark() -> TestResult {
    let page = pages(&settings()?).remove(0).content;
    let (_, rules) = page.split_once("<style>").ok_or("no style")?;
    let (light, rest) = rules
        .split_once("@media (prefers-color-scheme:dark)")
        .ok_or("no dark")?;
    for palette in [light, rest] {
        for (text, ground) in [
            ("ink", "paper"),
            ("ink", "card"),
            ("soft", "paper"),
            ("soft", "card"),
            ("accent", "paper"),
            ("accent", "card"),
        ] {
            let (above, below) = (luminance(palette, text)?, luminance(palette, ground)?);
            let ratio = (above.max(below) + 0.05) / (above.min(below) + 0.05);
            assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
        }
    }
    Ok(())
}

/// WCAG's relative luminance of the colour `--name:#…` in this palette.
fn luminance(palette: &str, name: &str) -> TestResult<f64> {
    let (_, colour) = palette
        .split_once(&format!("--{name}:#"))
        .ok_or("no such colour")?;
    let end = colour.find([';', '}']).ok_or("a colour without an end")?;
    let digits: String = match &colour[..end] {
        short if short.len() == 3 => short.chars().flat_map(|digit| [digit, digit]).collect(),
        long => long.to_owned(),
    };
    let mut sum = 0.0;
    for (at, weight) in [(0, 0.2126), (2, 0.7152), (4, 0.0722)] {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16)?) / 255.0;
        let linear = if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        };
        sum += weight * linear;
    }
    Ok(sum)
}
