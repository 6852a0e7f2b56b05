//! A tenant whose back office is closed and whose website is served.

use std::io::{Read, Write};

use edge::HostState::{Active, Maintenance, Paused, Restricted, Suspended};

use crate::{TestResult, client, nginx::Edge};

const CLOSED: &[&str] = &[
    "/web",
    "/web/",
    "/web?debug=1",
    "/web#action=1",
    "/web/login",
    "/web/login?redirect=/shop",
    "/web/login/totp",
    "/web/login_successful",
    "/web/signup",
    "/web/reset_password",
    "/web/become",
    "/web/session/authenticate",
    "/web/session/get_session_info",
    "/web/session/logout/x",
    "/web/dataset/call_kw",
    "/web/dataset/call_kw/res.partner/web_search_read",
    "/web/dataset/call_button/sale.order/action_confirm",
    "/web/action/load",
    "/web/export/xlsx",
    "/web/binary/upload_attachment",
    "/web/binary/company_logo/x",
    "/web/webclient/load_menus",
    "/web/hook/6f7c",
    "/web/tests",
    "/web/version",
    "/web/healthy",
    "/web/contents",
    "/web/imagex/1",
    "/web/assetsx",
    "/web/manifestxwebmanifest",
    "/odoo",
    "/odoo/",
    "/odoo/sales/42",
    "/odoo/web/image/1",
    "/odoo/web/static/x",
    "/scoped_app",
    "/scoped_app/crm",
    "/json",
    "/json/1/sales",
    "/json/2/res.partner/search_read",
    "/json/web/image/1",
    "/jsonrpc",
    "/xmlrpc/2/object",
    "/xmlrpc/common",
    "/tenantry/enter",
    "/es/tenantry/enter",
    "/auth_oauth/signin",
    "/auth_oauth/oea?provider=1",
    "/base_import_module/login_upload",
    "/pos/ui",
    "/pos/ui/1",
    "/pos/web",
    // Behind a language, or what may be one.
    "/es/web",
    "/es/web/login",
    "/en_GB/web/login",
    "/es_419/odoo/sales",
    "/sr%40latin/web/login",
    "/kab_DZ/jsonrpc",
    "/es/json/2/res.partner/search",
    "/es/web/session/logout/x",
    "/espanol/web/login",
    "/pt-br/web/dataset/call_kw/res.partner/read",
    "/any/web/session/authenticate",
    "/any/jsonrpc",
    "/any/jsonrpc/",
    "/any/json/2/res.partner/read",
    "/any/xmlrpc/2/object",
    // As clients may write them.
    "//web/login",
    "///web///login",
    "/es//web/login",
    "//es/web/login",
    "/%77eb/login",
    "/%77%65%62%2flogin",
    "/web%2fdataset%2Fcall_kw",
    "/od%6Fo",
    "/es/od%6Fo/x%0ay",
    "/x%0a/web/dataset/call_kw/x",
    "/js%6fnrpc",
    // To nginx these are open, to Odoo they are calls.
    "/web/dataset/call_kw/x/../../../../shop",
    "/web/dataset/call_kw/x/../../../image/1",
    "/web/dataset/call_kw/x/..%2f..%2F..%2f..%2fshop",
    "/web/dataset/call_kw/x/%2e%2E/.%2e/%2e./../shop",
    "/web/dataset/call_kw/%2e%2e/../../websocket",
    "/odoo/x/../..",
    "/odoo/..%2fshop",
    "/json/1/../../web/health",
    "/es/odoo/./../../shop",
    "/shop/../web/login",
    "/./odoo",
];

const OPEN: &[&str] = &[
    "/",
    "/?x=/web/login",
    "/shop?redirect=/web/dataset/call_kw/../x",
    "/shop/chair-1",
    "/es",
    "/es/shop",
    "/my",
    "/my/invoices/1",
    "/contactus",
    "/website/form/crm.lead",
    "/website/translations",
    "/website/snippet/filters",
    "/payment/transaction",
    "/robots.txt",
    "/sitemap.xml",
    "/logo.png",
    "/web/assets/1/abc/web.assets_frontend.min.js",
    "/web/bundle/web.chartjs_lib?lang=es",
    "/web/image",
    "/web/image?model=website&id=1&field=logo",
    "/web/image/1-abc/300x300/chair.png",
    "/web/image/website/1/favicon",
    "/web/content/12/terms.pdf",
    "/web/static/img/x.png",
    "/web/binary/company_logo",
    "/web/webclient/translations?lang=es",
    "/web/webclient/version_info",
    "/web/sign/get_fonts/",
    "/web/sign/get_fonts/x.ttf",
    "/web/session/logout?redirect=/",
    "/web/manifest.webmanifest",
    "/web/health",
    "/es/web/image/1",
    "/mail/static/src/img/x.svg",
    "/auth_oauth/static/x.png",
    "/im_livechat/init",
    "/bus/websocket_worker_bundle",
    "/pos-self/1",
    "/pos/ticket",
    "/pos/pay/1",
    // Pages of a website that only look alike.
    "/website",
    "/web-design",
    "/webinar",
    "/WEB/login",
    "/odoo-partner",
    "/odoo.html",
    "/services/web",
    "/services/web/design",
    "/services/odoo",
    "/erp/odoo",
    "/blog/our-blog-1/web/login",
    "/docs/json",
    "/jsonrpcx",
    "/shop/.hidden",
    "/shop/a..b",
    "/shop/...",
];

fn restricted() -> TestResult<Edge> {
    let edge = Edge::start()?;
    edge.mark(Active, "acme")?;
    edge.mark(Restricted, "acme")?;
    edge.mark(Active, "other")?;
    Ok(edge)
}

#[test]
fn the_back_office_is_closed_in_every_spelling_and_for_every_method() -> TestResult {
    let edge = restricted()?;
    for path in CLOSED {
        for method in ["GET", "POST", "HEAD", "OPTIONS"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
            );
            let response = edge.send(&request)?;
            assert_eq!(response.status, 402, "{method} {path}");
            assert_eq!(response.header("X-Echo"), None, "{method} {path}");
        }
    }
    Ok(())
}

#[test]
fn the_website_stays_open_and_other_tenants_keep_their_back_office() -> TestResult {
    let edge = restricted()?;
    for path in OPEN {
        let response = edge.get("acme.localhost", path)?;
        assert_eq!(
            response.header("X-Echo"),
            Some("http"),
            "{path}: {}",
            response.status
        );
    }
    for path in CLOSED {
        let response = edge.get("other.localhost", path)?;
        assert!(response.header("X-Echo").is_some(), "{path}: {}", response.status);
    }
    Ok(())
}

#[test]
fn the_database_manager_stays_out_of_reach() -> TestResult {
    let edge = restricted()?;
    for path in [
        "/web/database/manager",
        "/es/web/database/selector",
        "/xmlrpc/2/db",
    ] {
        assert_eq!(edge.get("acme.localhost", path)?.status, 404, "{path}");
    }
    Ok(())
}

#[test]
fn its_page_says_what_is_closed_and_what_is_not() -> TestResult {
    let edge = Edge::start_with(|settings| {
        settings.portal = Some("https://portal.example.com/pay".parse()?);
        Ok(())
    })?;
    edge.mark(Restricted, "acme")?;
    for (language, words) in [
        (
            "es",
            [
                "Administración cerrada",
                "Su sitio web sigue abierto",
                "Ir a mi cuenta",
            ],
        ),
        (
            "en",
            [
                "Administration closed",
                "Its website stays open",
                "Go to my account",
            ],
        ),
    ] {
        let headers = format!("Accept-Language: {language}\r\n");
        let response = edge.get_with("acme.localhost", "/web/login", &headers)?;
        assert_eq!(response.status, 402);
        assert_eq!(response.header("Retry-After"), None);
        for word in words {
            assert!(response.body.contains(word), "{word}: {}", response.body);
        }
        assert!(response.body.contains("href=\"https://portal.example.com/pay\""));
    }
    Ok(())
}

#[test]
fn a_stricter_marker_wins_and_the_marker_needs_no_other() -> TestResult {
    let edge = Edge::start()?;
    let answers = || -> TestResult<_> {
        let website = edge.get("acme.localhost", "/")?.status;
        let back_office = edge.get("acme.localhost", "/web/login")?;
        let own_page = back_office.body.contains("Administración cerrada");
        Ok((website, back_office.status, own_page))
    };
    assert_eq!(answers()?, (404, 404, false));
    edge.mark(Restricted, "acme")?;
    assert_eq!(answers()?, (200, 402, true));
    edge.mark(Active, "acme")?;
    assert_eq!(answers()?, (200, 402, true));
    for (state, status) in [(Maintenance, 503), (Paused, 503), (Suspended, 402)] {
        edge.mark(state, "acme")?;
        assert_eq!(answers()?, (status, status, false));
        edge.unmark(state, "acme")?;
    }
    edge.unmark(Restricted, "acme")?;
    assert_eq!(answers()?, (200, 200, false));
    edge.unmark(Active, "acme")?;
    assert_eq!(answers()?, (404, 404, false));
    Ok(())
}

#[test]
fn live_chat_goes_on() -> TestResult {
    let edge = restricted()?;
    let mut stream = client::connect(edge.address)?;
    stream.write_all(
        b"GET /websocket?version=19.0-1 HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\n\
          Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
    )?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    assert_eq!(&head, b"HTTP/1.1 101");
    Ok(())
}

#[test]
fn bodies_reach_the_website() -> TestResult {
    let edge = restricted()?;
    let body = "x".repeat(300_000);
    let response = edge.send(&format!(
        "POST /website/form/crm.lead HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 300000\r\n\
         Connection: close\r\n\r\n{body}"
    ))?;
    assert!(response.body.ends_with("received 300000\n"));
    Ok(())
}
