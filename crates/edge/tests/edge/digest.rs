//! What nginx says it has loaded, and to whom.

use edge::{HostState::Active, Listen, PageLanguage};

use crate::{
    TestResult, client,
    nginx::{self, Edge},
};

const REQUEST: &[u8] = b"GET /.edge-digest HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

#[test]
fn nginx_tells_what_it_has_loaded_and_not_what_was_written_since() -> TestResult {
    let mut edge = Edge::start()?;
    let told = |edge: &Edge| edge.get("127.0.0.1", "/.edge-digest");
    let first = edge.digest();
    let answer = told(&edge)?;
    assert_eq!((answer.status, answer.body), (200, format!("{first}\n")));
    edge.rewrite(|settings| {
        settings.default_language = PageLanguage::English;
        Ok(())
    })?;
    let second = edge.digest();
    assert_ne!(first, second);
    assert_eq!(told(&edge)?.body, format!("{first}\n"));
    edge.reload()?;
    nginx::wait_until(|| Ok(told(&edge)?.body == format!("{second}\n")))
}

#[test]
fn every_setting_that_shows_changes_the_digest() -> TestResult {
    let mut edge = Edge::start()?;
    let before = edge.digest();
    edge.rewrite(|settings| {
        settings.operator = "Nubes y Cía".parse()?;
        Ok(())
    })?;
    assert_ne!(before, edge.digest());
    edge.rewrite(|settings| {
        settings.operator = "Nubes & Cía".parse()?;
        Ok(())
    })?;
    assert_eq!(before, edge.digest());
    Ok(())
}

#[test]
fn it_is_plain_text_that_nobody_keeps() -> TestResult {
    let edge = Edge::start()?;
    for host in ["127.0.0.1", "localhost", "example.com"] {
        let answer = edge.get(host, "/.edge-digest")?;
        assert_eq!(answer.status, 200, "{host}");
        assert_eq!(answer.header("Content-Type"), Some("text/plain"));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
    }
    Ok(())
}

#[test]
fn tenants_hosts_know_no_digest() -> TestResult {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    assert_eq!(
        edge.get("acme.localhost", "/.edge-digest")?.header("X-Echo"),
        Some("http")
    );
    assert_eq!(edge.get("nobody.localhost", "/.edge-digest")?.status, 404);
    Ok(())
}

#[test]
fn it_is_told_to_this_machine_alone() -> TestResult {
    let edge = Edge::start()?;
    for (source, status) in [("127.0.0.1:0", 200), ("127.0.0.2:0", 404)] {
        let mut stream = client::connect_from(source.parse()?, edge.address)?;
        let answer = client::exchange_on(&mut stream, REQUEST)?;
        assert_eq!(answer.status, status, "{source}");
        assert_eq!(answer.body.contains(&edge.digest()), status == 200, "{source}");
    }
    Ok(())
}

#[test]
fn it_is_told_over_ipv6_too() -> TestResult {
    let Ok(free) = std::net::TcpListener::bind("[::1]:0") else {
        // A machine without IPv6 has nobody to tell.
        return Ok(());
    };
    let address = free.local_addr()?;
    drop(free);
    let edge = Edge::start_with(|settings| {
        let mut listen = settings.listen.addresses().to_vec();
        listen.push(address);
        settings.listen = Listen::try_from(listen)?;
        Ok(())
    })?;
    let answer = client::exchange(address, REQUEST)?;
    assert_eq!(
        (answer.status, answer.body),
        (200, format!("{}\n", edge.digest()))
    );
    Ok(())
}

#[test]
fn nobody_gets_it_through_a_proxy() -> TestResult {
    let believing = Edge::start_with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse()?];
        Ok(())
    })?;
    let doubting = Edge::start()?;
    for edge in [&believing, &doubting] {
        for headers in [
            "X-Forwarded-For: 203.0.113.7\r\n",
            "X-Forwarded-For: 127.0.0.1\r\n",
            "X-Forwarded-For: ::1\r\n",
            "X-Real-IP: 203.0.113.7\r\n",
            "Forwarded: for=203.0.113.7\r\n",
            "Via: 1.1 proxy\r\n",
            "CF-Connecting-IP: 203.0.113.7\r\n",
        ] {
            assert_eq!(
                edge.get_with("127.0.0.1", "/.edge-digest", headers)?.status,
                404,
                "{headers}"
            );
        }
        assert_eq!(edge.get("127.0.0.1", "/.edge-digest")?.status, 200);
    }
    // From another address, no header makes the client a near one.
    let mut stream = client::connect_from("127.0.0.2:0".parse()?, believing.address)?;
    let request =
        b"GET /.edge-digest HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(client::exchange_on(&mut stream, request)?.status, 404);
    Ok(())
}
