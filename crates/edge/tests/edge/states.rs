//! A tenant's states, switched by markers while nginx runs.

use edge::HostCause;
use edge::HostState::{self, Active, Maintenance, Paused, Suspended};

use crate::{TestResult, nginx::Edge};

#[test]
fn a_marker_takes_effect_with_the_next_request() -> TestResult {
    let edge = Edge::start()?;
    let host = "demo-cliente.localhost";
    let status = || edge.get(host, "/web").map(|response| response.status);
    assert_eq!(status()?, 404);
    edge.mark(Active, "demo_cliente")?;
    assert_eq!(status()?, 200);
    edge.mark(Suspended, "demo_cliente")?;
    edge.unmark(Active, "demo_cliente")?;
    assert_eq!(status()?, 402);
    edge.mark(Paused, "demo_cliente")?;
    edge.unmark(Suspended, "demo_cliente")?;
    assert_eq!(status()?, 503);
    edge.mark(Active, "demo_cliente")?;
    edge.unmark(Paused, "demo_cliente")?;
    assert_eq!(status()?, 200);
    edge.mark(Maintenance, "demo_cliente")?;
    assert_eq!(status()?, 503);
    edge.unmark(Maintenance, "demo_cliente")?;
    edge.unmark(Active, "demo_cliente")?;
    assert_eq!(status()?, 404);
    Ok(())
}

#[test]
fn the_strictest_of_several_markers_wins() -> TestResult {
    let edge = Edge::start()?;
    for state in [Active, Maintenance, Paused, Suspended] {
        edge.mark(state, "acme")?;
    }
    for (status, title, next) in [
        (402, "suspendido", Suspended),
        (503, "en pausa", Paused),
        (503, "En mantenimiento", Maintenance),
    ] {
        let response = edge.get("acme.localhost", "/")?;
        assert_eq!(response.status, status);
        assert!(response.body.contains(title), "{title}");
        edge.unmark(next, "acme")?;
    }
    assert_eq!(edge.get("acme.localhost", "/")?.status, 200);
    Ok(())
}

#[test]
fn a_closed_tenant_is_closed_for_every_method_and_path() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    edge.mark(Suspended, "acme")?;
    edge.mark(Active, "other")?;
    for path in [
        "/",
        "/web/login",
        "/websocket",
        "/web/static/x.css",
        "/xmlrpc/2/object",
        "//web",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "HEAD"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
            );
            let response = edge.send(&request)?;
            assert_eq!(response.status, 402, "{method} {path}");
            assert_eq!(response.header("X-Echo"), None, "{method} {path}");
        }
    }
    assert_eq!(edge.get("other.localhost", "/")?.status, 200);
    Ok(())
}

#[test]
fn a_tenant_is_unknown_where_markers_cannot_be_read() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    std::fs::rename(edge.path("hosts"), edge.path("elsewhere"))?;
    assert_eq!(edge.get("acme.localhost", "/")?.status, 404);
    std::fs::rename(edge.path("elsewhere"), edge.path("hosts"))?;
    assert_eq!(edge.get("acme.localhost", "/")?.status, 200);
    Ok(())
}

#[test]
fn a_closed_tenant_s_page_tells_the_kind_of_reason_and_an_open_one_is_served() -> TestResult {
    let edge = Edge::start()?;
    let pages = [
        (
            "late",
            Some(HostCause::Unpaid),
            "hay un pago pendiente",
            "a payment is due",
        ),
        (
            "large",
            Some(HostCause::Quota),
            "usa más de lo que incluye",
            "uses more than its plan",
        ),
        (
            "over",
            Some(HostCause::Expired),
            "terminó su plazo",
            "its time has ended",
        ),
        (
            "other",
            None,
            "Este espacio de trabajo está suspendido. ",
            "This workspace is suspended. ",
        ),
    ];
    for (database, cause, spanish, english) in pages {
        edge.mark(HostState::Active, database)?;
        if let Some(cause) = cause {
            edge.tell(cause, database)?;
        }
        let host = format!("{database}.localhost");
        assert_eq!(edge.get(&host, "/web/login")?.status, 200, "{database}");
        for state in [HostState::Suspended, HostState::Restricted] {
            edge.mark(state, database)?;
            for (language, words) in [("es", spanish), ("en", english)] {
                let page = edge.get_with(&host, "/web/login", &format!("Accept-Language: {language}\r\n"))?;
                assert_eq!(page.status, 402, "{database}");
                let is_told = page.body.contains(words);
                assert!(
                    is_told || (cause.is_none() && state == HostState::Restricted),
                    "{}",
                    page.body
                );
                assert_eq!(page.header("Set-Cookie"), None);
                assert_eq!(page.header("Cache-Control"), Some("no-store"));
            }
            edge.unmark(state, database)?;
        }
        assert_eq!(edge.get(&host, "/web/login")?.status, 200, "{database}");
    }
    Ok(())
}
