//! Which hosts lead to which database.

use edge::HostState::Active;

use crate::{TestResult, nginx::Edge};

/// The filter that the application saw for this host, or the status where the edge answered.
fn filter_at(edge: &Edge, host: &str) -> TestResult<Result<String, u16>> {
    let response = edge.get(host, "/web")?;
    Ok(response
        .seen("X-Odoo-dbfilter")
        .map(str::to_owned)
        .ok_or(response.status))
}

fn anchored(database: &str) -> Result<String, u16> {
    Ok(format!("^{database}$"))
}

#[test]
fn a_label_leads_to_its_database_and_to_no_longer_one() -> TestResult {
    let edge = Edge::start()?;
    for database in ["acme", "acme2", "demo_cliente", "abc", "0a9"] {
        edge.mark(Active, database)?;
    }
    assert_eq!(filter_at(&edge, "acme.localhost")?, anchored("acme"));
    assert_eq!(filter_at(&edge, "acme2.localhost")?, anchored("acme2"));
    assert_eq!(filter_at(&edge, "abc.localhost")?, anchored("abc"));
    assert_eq!(filter_at(&edge, "0a9.localhost")?, anchored("0a9"));
    for host in ["demo-cliente.localhost", "demo_cliente.localhost"] {
        assert_eq!(filter_at(&edge, host)?, anchored("demo_cliente"));
    }
    Ok(())
}

#[test]
fn spellings_of_a_host_that_browsers_treat_as_one_are_one() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "demo_cliente")?;
    let spellings = [
        "Demo-CLIENTE.LocalHost",
        "demo-cliente.localhost.",
        "demo-cliente.localhost:8080",
        "DEMO-cliente.localhost.:8080",
    ];
    for host in spellings {
        assert_eq!(filter_at(&edge, host)?, anchored("demo_cliente"), "{host}");
    }
    Ok(())
}

#[test]
fn every_number_of_dashes_is_replaced() -> TestResult {
    let edge = Edge::start()?;
    for count in 0..=38 {
        let label = format!(
            "a{}b",
            "-".repeat(count)
                .replacen("--", "-x", usize::from(count % 3 == 0))
        );
        let label = if label.len() < 3 { "a0b".to_owned() } else { label };
        let database = label.replace('-', "_");
        edge.mark(Active, &database)?;
        assert_eq!(
            filter_at(&edge, &format!("{label}.localhost"))?,
            anchored(&database),
            "{label}"
        );
    }
    for label in ["a-b-c-d", "a-b_c-d", "1-2-3-4-5-6-7-8-9-0-1-2-3-4-5-6-7-8-9-ab"] {
        let database = label.replace('-', "_");
        edge.mark(Active, &database)?;
        assert_eq!(
            filter_at(&edge, &format!("{label}.localhost"))?,
            anchored(&database),
            "{label}"
        );
    }
    Ok(())
}

#[test]
fn other_hosts_are_unknown() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let too_long = format!("{}.localhost", "a".repeat(41));
    let hosts = [
        "nobody.localhost",
        "localhost",
        "127.0.0.1",
        "example.com",
        "acme.example.com",
        "acme.localhost.example.com",
        "acmelocalhost",
        "acme.localhostx",
        "a.acme.localhost",
        "acme.a.localhost",
        "ab.localhost",
        "-acme.localhost",
        "acme-.localhost",
        "_acme.localhost",
        "ac%6de.localhost",
        "ac~me.localhost",
        &too_long,
    ];
    for host in hosts {
        let response = edge.get(host, "/web")?;
        assert_eq!(response.status, 404, "{host}");
        assert_eq!(response.header("X-Echo"), None, "{host}");
        assert!(response.body.contains("Aquí no hay nada"), "{host}");
    }
    Ok(())
}

#[test]
fn hosts_that_are_no_hosts_are_refused() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    for host in [
        "acme/../x.localhost",
        "a..b.localhost",
        "acme.localhost, other.localhost",
        "..",
    ] {
        let status = edge.get(host, "/web")?.status;
        assert!([400, 404].contains(&status), "{host}: {status}");
    }
    let twice = edge.get_with("acme.localhost", "/web", "Host: other.localhost\r\n")?;
    assert_eq!(twice.status, 400);
    let hostless = edge.send("GET /web HTTP/1.0\r\n\r\n")?;
    assert_eq!(hostless.status, 404);
    let hostless = edge.send("GET /web HTTP/1.1\r\nConnection: close\r\n\r\n")?;
    assert_eq!(hostless.status, 400);
    Ok(())
}

#[test]
fn the_host_of_an_absolute_request_line_wins_everywhere() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    edge.mark(Active, "other")?;
    let response = edge.send(
        "GET http://ACME.localhost/web HTTP/1.1\r\nHost: other.localhost\r\nConnection: close\r\n\r\n",
    )?;
    assert_eq!(response.seen("X-Odoo-dbfilter"), Some("^acme$"));
    assert_eq!(response.seen("Host"), Some("acme.localhost"));
    assert_eq!(response.seen("X-Forwarded-Host"), Some("acme.localhost"));
    assert!(
        response.body.starts_with("GET /web HTTP/1.1"),
        "{}",
        response.body
    );
    let unknown = edge.send(
        "GET http://nobody.localhost/web HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n",
    )?;
    assert_eq!(unknown.status, 404);
    Ok(())
}

#[test]
fn dots_in_the_domain_are_dots() -> TestResult {
    let edge = Edge::start_with(|settings| {
        settings.domain = "apps.example.com".parse()?;
        Ok(())
    })?;
    edge.mark(Active, "acme")?;
    assert_eq!(filter_at(&edge, "acme.apps.example.com")?, anchored("acme"));
    for host in [
        "acme.appsxexample.com",
        "acme.localhost",
        "apps.example.com",
        "acme.example.com",
    ] {
        assert_eq!(filter_at(&edge, host)?, Err(404), "{host}");
    }
    Ok(())
}
