//! A tenant's states, switched by markers while nginx runs.

use edge::HostState::{Active, Maintenance, Paused, Suspended};

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
