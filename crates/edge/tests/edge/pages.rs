//! The edge's own pages as a browser gets them.

use edge::{
    HostState::{Active, Maintenance, Paused, Suspended},
    PageLanguage,
};

use crate::{TestResult, nginx::Edge};

#[test]
fn the_visitors_language_is_picked() -> TestResult {
    let edge = Edge::start_with(|settings| {
        settings.default_language = PageLanguage::English;
        Ok(())
    })?;
    let cases = [
        ("es", "es"),
        ("es-DO,es;q=0.9,en;q=0.8", "es"),
        ("ES-mx", "es"),
        ("en-US,en;q=0.5", "en"),
        ("fr-FR, fr;q=0.9, es;q=0.8, en;q=0.7", "es"),
        ("pt-BR,en;q=0.9,es;q=0.8", "en"),
        ("est,eng", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("../../es", "en"),
        ("es;q=0, en;q=0.5", "en"),
        ("fr, ES-419 ; q=0.000, en", "en"),
        ("es;q=0", "en"),
        ("en;q=0,es", "es"),
        ("es;q=0.01,en;q=0", "es"),
    ];
    for (accepted, expected) in cases {
        let response = edge.get_with(
            "nobody.localhost",
            "/",
            &format!("Accept-Language: {accepted}\r\n"),
        )?;
        assert!(
            response.body.contains(&format!("<html lang=\"{expected}\">")),
            "{accepted}"
        );
    }
    let unasked = edge.get("nobody.localhost", "/")?;
    assert!(unasked.body.contains("<html lang=\"en\">"));
    Ok(())
}

#[test]
fn pages_are_neither_stored_nor_able_to_load_anything() -> TestResult {
    let edge = Edge::start()?;
    for (state, database) in [
        (Suspended, "unpaid"),
        (Paused, "resting"),
        (Maintenance, "moving"),
    ] {
        edge.mark(state, database)?;
    }
    for (host, status, retry_after) in [
        ("nobody.localhost", 404, None),
        ("example.com", 404, None),
        ("unpaid.localhost", 402, None),
        ("resting.localhost", 503, None),
        ("moving.localhost", 503, Some("120")),
    ] {
        let response = edge.get(host, "/web?x=1")?;
        assert_eq!(response.status, status, "{host}");
        assert_eq!(
            response.header("Content-Type"),
            Some("text/html; charset=utf-8"),
            "{host}"
        );
        assert_eq!(response.header("Cache-Control"), Some("no-store"), "{host}");
        assert_eq!(
            response.header("X-Content-Type-Options"),
            Some("nosniff"),
            "{host}"
        );
        assert_eq!(response.header("Retry-After"), retry_after, "{host}");
        assert_eq!(response.header("Server"), Some("nginx"), "{host}");
        let policy = response.header("Content-Security-Policy").ok_or("no policy")?;
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(response.body.contains("Nubes &amp; Cía"), "{host}");
    }
    Ok(())
}

#[test]
fn an_application_that_is_away_gives_a_page_and_no_query_string_in_the_logs() -> TestResult {
    let edge = Edge::start_with(|settings| {
        // Port 1 is nobody's: connections are refused at once.
        settings.http_upstream = "127.0.0.1:1".parse::<std::net::SocketAddr>()?.try_into()?;
        Ok(())
    })?;
    edge.mark(Active, "acme")?;
    let response = edge.get("acme.localhost", "/web/reset_password?token=SECRET#x")?;
    assert_eq!(response.status, 502);
    assert_eq!(response.header("Retry-After"), Some("120"));
    assert!(response.body.contains("No podemos responder ahora"));
    // nginx logs after it has answered; a second answer on the same worker comes after the first's line.
    edge.get("acme.localhost", "/next")?;
    let log = std::fs::read_to_string(edge.path("access.log"))?;
    assert!(
        log.contains(" acme.localhost \"GET /web/reset_password\" 502 "),
        "{log}"
    );
    let errors = std::fs::read_to_string(edge.path("error.log"))?;
    assert!(!format!("{log}{errors}").contains("SECRET"), "{log}{errors}");
    Ok(())
}
