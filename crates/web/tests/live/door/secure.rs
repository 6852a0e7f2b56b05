//! TLS as clients meet it: real certificates, real connections.

use crate::app::{App, Outcome};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use testkit::eventually;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web::{Door, DoorSettings, Reloaded};

/// An authority of the test's own, and the files of a server's certificate.
struct Pki {
    authority: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Pki {
    fn new() -> Outcome<Self> {
        // A process needs one provider, and clients of this test need it too.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut parameters = CertificateParams::new(Vec::<String>::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pki = Self {
            authority: CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?,
            folder: tempfile::tempdir()?,
        };
        pki.issue("one")?;
        Ok(pki)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a new certificate for localhost, with this name in it so that clients can tell which one they met.
    fn issue(&self, name: &str) -> Outcome {
        let key = KeyPair::generate()?;
        let hosts = vec!["localhost".to_owned(), format!("{name}.example.com")];
        let certificate = CertificateParams::new(hosts)?.signed_by(&key, &self.authority)?;
        std::fs::write(self.path("key.pem"), key.serialize_pem())?;
        std::fs::write(self.path("certificate.pem"), certificate.pem())?;
        Ok(())
    }

    fn load(&self) -> Outcome<web::Certificate> {
        Ok(web::Certificate::load(
            &self.path("certificate.pem"),
            &self.path("key.pem"),
        )?)
    }

    /// A client that takes this authority's certificates and keeps its connection.
    fn client(&self, address: SocketAddr, name: &str) -> Outcome<Client> {
        let authority = Certificate::from_pem(self.authority.pem().as_bytes())?;
        let client = Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .resolve(name, address)
            .redirect(reqwest::redirect::Policy::none());
        Ok(client.build()?)
    }
}

/// Serves the app over TLS; gives where, and what stops it when it is dropped.
async fn serve(app: &App, certificate: web::Certificate) -> Outcome<(SocketAddr, oneshot::Sender<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let app = web::App {
        control: app.control.clone(),
        door: Door::default(),
        certificate: Some(certificate),
    };
    tokio::spawn(web::serve(listener, app, async { drop(stopped.await) }));
    Ok((address, stop))
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls_and_browsers_are_told_to_stay() -> Outcome {
    let app = App::start().await?;
    let pki = Pki::new()?;
    let (address, stop) = serve(&app, pki.load()?).await?;
    let url = format!("https://localhost:{}/", address.port());
    let answer = pki.client(address, "localhost")?.get(&url).send().await?;
    let version = answer.version();
    assert_eq!(
        answer
            .headers()
            .get("strict-transport-security")
            .and_then(|v| v.to_str().ok()),
        Some("max-age=31536000")
    );
    assert!(
        matches!(version, reqwest::Version::HTTP_11 | reqwest::Version::HTTP_2),
        "{version:?}"
    );
    // In plain, browsers must not be told so.
    assert!(
        app.get("/health")
            .await?
            .headers
            .get("strict-transport-security")
            .is_none()
    );
    // A stranger's authority is not enough, and plain HTTP gets no answer there.
    assert!(
        Client::builder()
            .no_proxy()
            .build()?
            .get(&url)
            .send()
            .await
            .is_err()
    );
    let plain = format!("http://localhost:{}/health", address.port());
    assert!(
        pki.client(address, "localhost")?
            .get(&plain)
            .send()
            .await
            .is_err()
    );
    drop(stop);
    app.finish().await
}

#[tokio::test]
async fn http_2_is_offered_and_old_versions_of_tls_are_not() -> Outcome {
    let app = App::start().await?;
    let pki = Pki::new()?;
    let (address, stop) = serve(&app, pki.load()?).await?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(pki.authority.der().clone())?;
    let name = rustls::pki_types::ServerName::try_from("localhost")?;
    for (offered, wanted) in [(&b"h2"[..], &b"h2"[..]), (b"http/1.1", b"http/1.1")] {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let mut client = rustls::ClientConfig::builder_with_protocol_versions(&[version])
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            client.alpn_protocols = vec![offered.to_vec()];
            let stream = tokio::net::TcpStream::connect(address).await?;
            let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(client));
            let stream = connector.connect(name.clone(), stream).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(wanted));
        }
    }
    // A hello of TLS 1.1 is answered with the alert protocol_version (70).
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let hello: &[u8] = &[
        0x16, 0x03, 0x01, 0x00, 0x2f, 0x01, 0x00, 0x00, 0x2b, 0x03, 0x02, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
        12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 4, 0xc0,
        0x13, 0, 0x2f, 1, 0,
    ];
    tokio::io::AsyncWriteExt::write_all(&mut stream, hello).await?;
    let mut alert = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut alert);
    let _ = tokio::time::timeout(Duration::from_secs(10), read).await?;
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
    drop(stop);
    app.finish().await
}

#[tokio::test]
async fn a_new_certificate_is_used_from_then_on_and_connections_stay() -> Outcome {
    let app = App::start().await?;
    let pki = Pki::new()?;
    let certificate = pki.load()?;
    let (address, stop) = serve(&app, certificate.clone()).await?;
    let url = |name: &str| format!("https://{name}:{}/health", address.port());
    let first = pki.client(address, "one.example.com")?;
    first
        .get(url("one.example.com"))
        .send()
        .await?
        .error_for_status()?;
    assert_eq!(certificate.reload(), Reloaded::Same);
    pki.issue("two")?;
    assert_eq!(certificate.reload(), Reloaded::Replaced);
    // The old connection goes on; new ones meet the new certificate.
    first
        .get(url("one.example.com"))
        .send()
        .await?
        .error_for_status()?;
    assert!(
        pki.client(address, "one.example.com")?
            .get(url("one.example.com"))
            .send()
            .await
            .is_err()
    );
    pki.client(address, "two.example.com")?
        .get(url("two.example.com"))
        .send()
        .await?
        .error_for_status()?;
    drop(stop);
    app.finish().await
}

#[tokio::test]
async fn a_broken_pair_leaves_the_old_one_in_use_and_is_told() -> Outcome {
    let app = App::start().await?;
    let pki = Pki::new()?;
    let certificate = pki.load()?;
    let (address, stop) = serve(&app, certificate.clone()).await?;
    let works = || async {
        let client = pki.client(address, "one.example.com")?;
        let url = format!("https://one.example.com:{}/health", address.port());
        client.get(url).send().await?.error_for_status()?;
        Outcome::Ok(())
    };
    let warned = || async {
        let client = pki.client(address, "one.example.com")?;
        let url = format!("https://one.example.com:{}/ready", address.port());
        Outcome::Ok(client.get(url).send().await?.text().await?.contains("warnings"))
    };
    let good = std::fs::read(pki.path("key.pem"))?;
    for broken in [
        &b"nonsense"[..],
        b"",
        KeyPair::generate()?.serialize_pem().as_bytes(),
    ] {
        std::fs::write(pki.path("key.pem"), broken)?;
        assert_eq!(certificate.reload(), Reloaded::Kept);
        assert_eq!(certificate.reload(), Reloaded::Kept);
        let trouble = certificate.trouble().unwrap_or_default();
        assert!(trouble.contains("key"), "{trouble}");
        assert!(warned().await?);
        works().await?;
    }
    std::fs::remove_file(pki.path("key.pem"))?;
    assert_eq!(certificate.reload(), Reloaded::Kept);
    works().await?;
    std::fs::write(pki.path("key.pem"), good)?;
    assert_eq!(certificate.reload(), Reloaded::Replaced);
    assert_eq!(certificate.trouble(), None);
    assert!(!warned().await?);
    works().await?;
    drop(stop);
    app.finish_despite(&["the certificate's files cannot be used"])
        .await
}

#[tokio::test]
async fn the_plain_listener_sends_readers_to_https_and_takes_nothing() -> Outcome {
    let app = App::start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let target = "https://panel.example.com:4443/".to_owned();
    tokio::spawn(web::redirect(
        listener,
        target,
        DoorSettings::default(),
        std::future::pending(),
    ));
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let read = client
        .get(format!("{base}/welcome?x=%C3%B1"))
        .header("host", "evil.example.com");
    let answer = read.send().await?;
    let location = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok());
    assert_eq!(
        (answer.status().as_u16(), location),
        (308, Some("https://panel.example.com:4443/welcome?x=%C3%B1"))
    );
    let write = client
        .post(format!("{base}/api/tenants"))
        .header("x-api-key", &app.key)
        .body("{}");
    let answer = write.send().await?;
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers().contains_key("location")
        ),
        (403, false)
    );
    app.finish().await
}

#[tokio::test]
async fn behind_a_proxy_the_server_knows_that_it_is_served_over_tls() -> Outcome {
    let app = App::behind_a_proxy().await?;
    for (proto, wanted) in [("https", true), ("http", false)] {
        let request = app
            .bare(reqwest::Method::GET, "/")
            .header("x-forwarded-for", "192.0.2.1");
        let answer = request.header("x-forwarded-proto", proto).send().await?;
        assert_eq!(
            answer.headers().contains_key("strict-transport-security"),
            wanted,
            "{proto}"
        );
    }
    let direct = App::start().await?;
    let request = direct
        .bare(reqwest::Method::GET, "/")
        .header("x-forwarded-proto", "https");
    assert!(
        !request
            .send()
            .await?
            .headers()
            .contains_key("strict-transport-security")
    );
    direct.finish().await?;
    app.finish().await
}

#[tokio::test]
async fn stopping_answers_what_is_under_way() -> Outcome {
    let (app, _node) = App::with_node().await?;
    let pki = Pki::new()?;
    let (address, stop) = serve(&app, pki.load()?).await?;
    let client = pki.client(address, "localhost")?;
    let base = format!("https://localhost:{}", address.port());
    let slow = client
        .post(format!("{base}/api/tenants"))
        .header("x-api-key", &app.key)
        .header("prefer", "wait=2")
        .json(&crate::app::new_tenant("acme"))
        .send();
    let slow = tokio::spawn(slow);
    eventually(super::PATIENCE, || async {
        app.database
            .count("SELECT count(*) FROM tenant")
            .await
            .is_ok_and(|count| count == 1)
    })
    .await?;
    drop(stop);
    assert_eq!(slow.await??.status().as_u16(), 202);
    assert!(client.get(format!("{base}/health")).send().await.is_err());
    app.finish_with_open_commands().await
}
