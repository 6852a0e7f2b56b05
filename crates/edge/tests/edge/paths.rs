//! Which paths reach the application.

use edge::HostState::Active;

use crate::{
    TestResult,
    echo::{ACCEL, MISSING},
    nginx::Edge,
};

#[test]
fn the_database_manager_is_out_of_reach_in_every_spelling() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let paths = [
        "/web/database",
        "/web/database/",
        "/web/database/manager",
        "/web/database/selector?x=1",
        "/web/database/manager#x",
        "/web/database/manager#/../../../web",
        "/web/database/manager;x=1",
        "/Web/DataBase/manager",
        "//web/database/manager",
        "///web//database///manager",
        "/web/../web/database/manager",
        "/x/..//web/./database/manager",
        "/./web/database/manager",
        "/%3f/../web/database/manager",
        "/web/%64atabase/manager",
        "/%77%65%62/database/manager",
        "/web%2fdatabase%2Fmanager",
        "/%2e%2e/%2e/web/database/manager",
        "/x/%2e%2e/web/database/manager",
        "/websocket/../web/database/manager",
        "/websocket/..%2fweb/database/manager",
        "/es/web/database/manager",
        "/en_US/web/database/create",
        "/es//web/database/manager",
        "//es/%77eb/database/backup",
        "/xmlrpc/db",
        "/xmlrpc/2/db",
        "/xmlrpc/2/%64b",
        "//xmlrpc//db",
        "/es/xmlrpc/2/db",
        "/xmlrpc/2/../2/db",
    ];
    for path in paths {
        for method in ["GET", "POST"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let response = edge.send(&request)?;
            assert!(
                [400, 404].contains(&response.status),
                "{method} {path}: {}",
                response.status
            );
            assert_eq!(response.header("X-Echo"), None, "{method} {path}");
        }
        let absolute =
            format!("GET http://acme.localhost{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(edge.send(&absolute)?.header("X-Echo"), None, "absolute {path}");
    }
    Ok(())
}

#[test]
fn request_lines_that_python_reads_differently_are_refused() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    // Python's urlsplit takes tabs out of an address before it is routed.
    for path in [
        "/web/data\tbase/manager",
        "/web/data base/manager",
        "/web/data%00base",
        "/../web/database",
        "web/database",
    ] {
        assert_eq!(edge.get("acme.localhost", path)?.status, 400, "{path:?}");
    }
    Ok(())
}

#[test]
fn other_paths_reach_the_application_as_they_were_sent() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let paths = [
        "/",
        "/web",
        "/web/login?db=other&redirect=%2Fodoo",
        "/web/databases",
        "/web/database.css",
        "/web/content/1%2F2/a%20b?x=%26",
        "/xmlrpc/2/object",
        "/xmlrpc/2/dbx",
        "/jsonrpc",
        "/blog//post",
        "/a/b/web/database",
        "/websocketx",
    ];
    for path in paths {
        let response = edge.get("acme.localhost", path)?;
        assert_eq!(response.header("X-Echo"), Some("http"), "{path}");
        assert!(
            response.body.starts_with(&format!("GET {path} HTTP/1.1\r\n")),
            "{path}: {}",
            response.body
        );
    }
    Ok(())
}

#[test]
fn the_edges_pages_have_no_address_and_the_applications_own_errors_pass() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    for host in ["acme.localhost", "example.com"] {
        let response = edge.get(host, "/.edge-pages/suspended.es.html")?;
        assert_eq!(response.status, 404);
        assert!(response.body.contains("Aquí no hay nada"));
    }
    let missing = edge.get("acme.localhost", MISSING)?;
    assert_eq!((missing.status, missing.header("X-Echo")), (404, Some("http")));
    let redirected = edge.get("acme.localhost", ACCEL)?;
    assert_eq!(
        (redirected.status, redirected.header("X-Echo")),
        (200, Some("http"))
    );
    assert_eq!(redirected.header("X-Accel-Redirect"), None);
    Ok(())
}
