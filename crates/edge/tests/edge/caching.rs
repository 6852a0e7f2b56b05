//! Every page of the edge is for this moment and this visitor: nobody keeps it, and nothing of the visitor's is touched.

use edge::{
    HostState::{Active, Maintenance, Paused, Restricted, Suspended},
    PageLanguage,
};

use crate::{TestResult, client::Response, echo::BROKEN, nginx::Edge};

/// Where each page is met: the edge, host, path, status and a word of the page.
type Meeting<'edge> = (&'edge Edge, &'static str, &'static str, u16, &'static str);

/// What would get a part of a page, or "not modified", where pages could be kept.
const CONDITIONS: [&str; 9] = [
    "",
    "If-None-Match: *\r\n",
    "If-None-Match: \"x\", W/\"y\"\r\n",
    "If-Match: \"x\"\r\n",
    "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n",
    "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
    "Range: bytes=0-9\r\n",
    "Range: bytes=99999-\r\nIf-Range: \"x\"\r\n",
    "Accept-Encoding: gzip\r\n",
];

fn start() -> TestResult<[Edge; 2]> {
    let edge = Edge::start_with(|settings| {
        settings.default_language = PageLanguage::English;
        Ok(())
    })?;
    for (state, database) in [
        (Suspended, "unpaid"),
        (Paused, "resting"),
        (Maintenance, "moving"),
        (Restricted, "late"),
        (Active, "acme"),
    ] {
        edge.mark(state, database)?;
    }
    let without_application = Edge::start_with(|settings| {
        settings.default_language = PageLanguage::English;
        // Port 1 is nobody's: connections are refused at once.
        settings.http_upstream = "127.0.0.1:1".parse::<std::net::SocketAddr>()?.try_into()?;
        settings.websocket_upstream = settings.http_upstream;
        Ok(())
    })?;
    without_application.mark(Active, "acme")?;
    Ok([edge, without_application])
}

fn meetings([edge, without_application]: &[Edge; 2]) -> [Meeting<'_>; 10] {
    [
        (edge, "nobody.localhost", "/", 404, "Nothing here"),
        (edge, "example.com", "/", 404, "Nothing here"),
        (
            edge,
            "acme.localhost",
            "/web/database/manager",
            404,
            "Nothing here",
        ),
        (edge, "unpaid.localhost", "/shop", 402, "Workspace suspended"),
        (edge, "resting.localhost", "/shop", 503, "Workspace paused"),
        (edge, "moving.localhost", "/shop", 503, "Under maintenance"),
        (edge, "late.localhost", "/odoo", 402, "Administration closed"),
        (edge, "acme.localhost", BROKEN, 502, "We cannot answer"),
        (
            without_application,
            "acme.localhost",
            "/shop",
            502,
            "We cannot answer",
        ),
        (
            without_application,
            "acme.localhost",
            "/websocket",
            502,
            "We cannot answer",
        ),
    ]
}

fn assert_is_not_kept(response: &Response, what: &str) {
    let head = response.head.to_ascii_lowercase();
    assert_eq!(
        response.header("Cache-Control"),
        Some("no-store"),
        "{what}: {head}"
    );
    assert_eq!(head.matches("\r\ncache-control:").count(), 1, "{what}: {head}");
    for name in [
        "ETag",
        "Last-Modified",
        "Expires",
        "Accept-Ranges",
        "Content-Range",
        "Set-Cookie",
        "Clear-Site-Data",
    ] {
        assert_eq!(response.header(name), None, "{what}: {head}");
    }
}

#[test]
fn every_page_comes_whole_whatever_the_visitor_has_kept() -> TestResult {
    let edges = start()?;
    for (edge, host, path, status, word) in meetings(&edges) {
        let whole = edge.get(host, path)?;
        assert!(
            whole.body.contains(word) && whole.body.ends_with("</html>\n"),
            "{host}{path}"
        );
        for condition in CONDITIONS {
            let headers = format!("{condition}Cookie: session_id=abc\r\n");
            let response = edge.get_with(host, path, &headers)?;
            let what = format!("{host}{path} {condition}");
            assert_eq!(response.status, status, "{what}");
            assert_is_not_kept(&response, &what);
            if response.header("Content-Encoding").is_none() {
                assert_eq!(response.body, whole.body, "{what}");
            }
        }
    }
    Ok(())
}

#[test]
fn other_methods_get_the_same_page() -> TestResult {
    let edges = start()?;
    for (edge, host, path, status, word) in meetings(&edges) {
        for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
            let response = edge.send(&format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nCookie: session_id=abc\r\n\
                 Connection: close\r\n\r\nabc"
            ))?;
            let what = format!("{method} {host}{path}");
            assert_eq!(response.status, status, "{what}");
            assert_is_not_kept(&response, &what);
            assert_eq!(response.body.contains(word), method != "HEAD", "{what}");
        }
    }
    Ok(())
}
