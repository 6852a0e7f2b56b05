//! What a client sends about itself, and what the application gets to see of it.

use edge::HostState::Active;

use crate::{TestResult, nginx::Edge};

#[test]
fn a_forged_database_has_no_effect() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let names = [
        "X-Odoo-dbfilter",
        "x-odoo-DBFILTER",
        "X_Odoo_dbfilter",
        "X-Odoo_Dbfilter",
        "X-Odoo-dbfilter ",
    ];
    for name in names {
        for path in ["/web", "/websocket"] {
            let headers = format!("{name}: .*\r\n{name}: other\r\n");
            let response = edge.get_with("acme.localhost", path, &headers)?;
            if response.status == 400 {
                continue;
            }
            assert_eq!(response.seen_count("X-Odoo-dbfilter"), 1, "{name} {path}");
            assert_eq!(response.seen("X-Odoo-dbfilter"), Some("^acme$"), "{name} {path}");
        }
    }
    for name in ["X-Odoo-Database", "x-odoo-database", "X_Odoo_Database"] {
        for path in ["/web", "/websocket"] {
            let response = edge.get_with("acme.localhost", path, &format!("{name}: other\r\n"))?;
            assert_eq!(response.status, 200);
            assert_eq!(response.seen_count("X-Odoo-Database"), 0, "{name} {path}");
        }
    }
    Ok(())
}

#[test]
fn headers_cannot_be_dropped_by_naming_them_hop_by_hop() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let response = edge.send(
        "GET /web HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close, X-Odoo-dbfilter, X-Forwarded-Host\r\n\r\n",
    )?;
    assert_eq!(response.seen("X-Odoo-dbfilter"), Some("^acme$"));
    assert_eq!(response.seen("X-Forwarded-Host"), Some("acme.localhost"));
    assert_eq!(response.seen_count("Connection"), 0);
    Ok(())
}

#[test]
fn forged_addresses_are_overwritten() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let forged = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Forwarded-Proto: gopher\r\n\
        X-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 666\r\nX-Forwarded-Prefix: /evil\r\n\
        Forwarded: for=6.6.6.6;host=evil.example\r\nProxy: evil\r\nCF-Connecting-IP: 6.6.6.6\r\n";
    let response = edge.get_with("acme.localhost:8443", "/web", forged)?;
    let expected = [
        ("Host", "acme.localhost:8443"),
        ("X-Forwarded-Host", "acme.localhost:8443"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Real-IP", "127.0.0.1"),
        ("X-Forwarded-Proto", "http"),
    ];
    for (name, value) in expected {
        assert_eq!(response.seen(name), Some(value), "{name}");
        assert_eq!(response.seen_count(name), 1, "{name}");
    }
    for name in ["X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded", "Proxy"] {
        assert_eq!(response.seen_count(name), 0, "{name}");
    }
    Ok(())
}

#[test]
fn a_port_that_is_none_is_left_out() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    for port in ["x", "80x", "123456", ""] {
        let response = edge.get(&format!("acme.localhost:{port}"), "/web")?;
        if response.status != 400 {
            assert_eq!(
                response.seen("X-Forwarded-Host"),
                Some("acme.localhost"),
                "{port}"
            );
        }
    }
    Ok(())
}

#[test]
fn only_a_trusted_proxy_is_believed() -> TestResult {
    let believing = Edge::start_with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse()?];
        settings.scheme = edge::PublicScheme::Https;
        Ok(())
    })?;
    let doubting = Edge::start_with(|settings| {
        settings.trusted_proxies = vec!["10.0.0.0/8".parse()?];
        Ok(())
    })?;
    let chain = "X-Forwarded-For: 6.6.6.6, 203.0.113.7, 127.0.0.9\r\n";
    for (edge, address, scheme) in [
        (&believing, "203.0.113.7", "https"),
        (&doubting, "127.0.0.1", "http"),
    ] {
        edge.mark(Active, "acme")?;
        let response = edge.get_with("acme.localhost", "/web", chain)?;
        assert_eq!(response.seen("X-Real-IP"), Some(address));
        assert_eq!(response.seen("X-Forwarded-For"), Some(address));
        assert_eq!(response.seen("X-Forwarded-Proto"), Some(scheme));
    }
    Ok(())
}
