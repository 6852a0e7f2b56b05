//! Bodies, WebSockets and compression on their way through.

use std::io::{Read, Write};

use edge::{BodyLimit, HostState::Active};

use crate::{TestResult, client, nginx::Edge};

#[test]
fn a_websocket_reaches_the_second_upstream_both_ways() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let mut stream = client::connect(edge.address)?;
    stream.write_all(
        b"GET /websocket?version=19.0-1 HTTP/1.1\r\nHost: acme.localhost\r\nConnection: keep-alive, Upgrade\r\n\
          Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nX-Odoo-Database: other\r\n\r\n",
    )?;
    let mut received = String::new();
    while received.matches("\r\n\r\n").count() < 2 {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer)?;
        assert_ne!(count, 0, "{received}");
        received.push_str(std::str::from_utf8(&buffer[..count])?);
    }
    let (answer, seen) = received.split_once("\r\n\r\n").ok_or("no head")?;
    let seen = seen.to_ascii_lowercase();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(seen.starts_with("get /websocket?version=19.0-1 "), "{seen}");
    for line in [
        "upgrade: websocket\r\n",
        "connection: upgrade\r\n",
        "x-odoo-dbfilter: ^acme$\r\n",
        "sec-websocket-key: x\r\n",
    ] {
        assert!(seen.contains(line), "{seen}");
    }
    assert!(!seen.contains("x-odoo-database"), "{seen}");
    stream.write_all(b"\x81\x05hello")?;
    let mut echoed = [0; 7];
    stream.read_exact(&mut echoed)?;
    assert_eq!(&echoed, b"\x81\x05hello");
    Ok(())
}

#[test]
fn each_path_has_its_upstream_and_only_websockets_are_upgraded() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    for (path, upstream) in [
        ("/websocket", "websocket"),
        ("/websocket/health", "websocket"),
        ("/websocketx", "http"),
        ("/", "http"),
    ] {
        let response = edge.get("acme.localhost", path)?;
        assert_eq!(response.header("X-Echo"), Some(upstream), "{path}");
    }
    for (path, upgrade) in [
        ("/websocket", "h2c"),
        ("/websocket", "websocket, h2c"),
        ("/", "h2c"),
        ("/", "websocket"),
    ] {
        let headers = format!("Upgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n");
        let response = edge.get_with("acme.localhost", path, &headers)?;
        assert_eq!(response.status, 200, "{path} {upgrade}");
        assert_eq!(
            (response.seen_count("Upgrade"), response.seen_count("Connection")),
            (0, 0),
            "{path} {upgrade}"
        );
    }
    Ok(())
}

#[test]
fn bodies_pass_up_to_the_limit() -> TestResult {
    let edge = Edge::start_with(|settings| {
        settings.body_limit = BodyLimit::mebibytes(2)?;
        Ok(())
    })?;
    edge.mark(Active, "acme")?;
    let post = |size: usize| {
        let body = "x".repeat(size);
        edge.send(&format!(
            "POST /web HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n{body}"
        ))
    };
    for size in [0, 1, 300_000, 2 * 1024 * 1024] {
        let response = post(size)?;
        assert_eq!(response.status, 200, "{size}");
        assert!(response.body.ends_with(&format!("received {size}\n")), "{size}");
    }
    // Only announced: the edge refuses before it reads.
    let refused = edge.send(
        "POST /web HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 2097153\r\nConnection: close\r\n\r\n",
    )?;
    assert_eq!(refused.status, 413);
    Ok(())
}

#[test]
fn a_chunked_body_arrives_whole() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let response = edge.send(
        "POST /web HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
         5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    )?;
    assert!(response.body.ends_with("received 11\n"), "{}", response.body);
    Ok(())
}

#[test]
fn text_is_compressed_for_those_who_ask() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    let path = format!("/{}", "x".repeat(2000));
    let plain = edge.get("acme.localhost", &path)?;
    assert_eq!(plain.header("Content-Encoding"), None);
    assert_eq!(plain.header("X-Content-Type-Options"), Some("nosniff"));
    let compressed = edge.get_with("acme.localhost", &path, "Accept-Encoding: gzip\r\n")?;
    assert_eq!(compressed.header("Content-Encoding"), Some("gzip"));
    Ok(())
}
