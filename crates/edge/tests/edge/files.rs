//! The files as text: what is reviewed is what is rendered, and nginx accepts it without a warning.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use edge::{
    BodyLimit, ClientAddressHeader, EdgeSettings, Listen, OperatorLogo, PageLanguage, PublicScheme, render,
};
use tempfile::TempDir;

use crate::{TestResult, nginx};

/// A cloud, as an operator might draw it.
const LOGO: &str = include_str!("../logo.svg");

/// As `tenantry up` runs it on a development machine.
fn plain() -> TestResult<EdgeSettings> {
    let upstreams = ["127.0.0.1:8069".parse()?, "127.0.0.1:8072".parse()?];
    nginx::settings(Path::new("/srv/tenantry"), "127.0.0.1:8080".parse()?, upstreams)
}

/// Every setting that is not as in `plain`.
fn behind_proxies() -> TestResult<EdgeSettings> {
    let listen: Vec<SocketAddr> = vec!["0.0.0.0:80".parse()?, "[::]:80".parse()?];
    Ok(EdgeSettings {
        domain: "apps.example-company.com".parse()?,
        listen: Listen::try_from(listen)?,
        operator: "<b>\"Nubes\" & 'Cía'</b>".parse()?,
        operator_link: Some("https://example-company.com/?from=edge&to=home".parse()?),
        logo: Some(OperatorLogo::try_from(LOGO.as_bytes())?),
        portal: Some("https://portal.example-company.com/pay?from=edge&lang=es".parse()?),
        default_language: PageLanguage::English,
        scheme: PublicScheme::Https,
        body_limit: BodyLimit::mebibytes(64)?,
        trusted_proxies: vec!["173.245.48.0/20".parse()?, "2400:cb00::/32".parse()?],
        client_address_header: ClientAddressHeader::CloudflareConnectingIp,
        workers: std::num::NonZeroU8::MIN.saturating_add(3),
        ..plain()?
    })
}

fn compare_with_golden(name: &str, settings: &EdgeSettings) -> TestResult {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    for file in render(settings) {
        let path = folder.join(&file.path);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
            fs::write(&path, &file.content)?;
        }
        let golden = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        assert!(
            golden == file.content,
            "{} differs: look at UPDATE_GOLDEN=1's diff",
            path.display()
        );
    }
    Ok(())
}

#[test]
fn plain_files_are_as_reviewed() -> TestResult {
    compare_with_golden("plain", &plain()?)
}

#[test]
fn files_behind_proxies_are_as_reviewed() -> TestResult {
    compare_with_golden("behind_proxies", &behind_proxies()?)
}

#[test]
fn no_placeholder_is_left_over() -> TestResult {
    for settings in [plain()?, behind_proxies()?] {
        for file in render(&settings) {
            let rest = file.content.replace("@media", "");
            assert!(!rest.contains('@'), "{}", file.path);
        }
    }
    Ok(())
}

#[test]
fn pages_carry_names_as_text() -> TestResult {
    let files = render(&behind_proxies()?);
    let pages: Vec<_> = files.iter().filter(|file| file.path.ends_with(".html")).collect();
    assert_eq!(pages.len(), 24);
    for page in pages {
        assert!(
            page.content
                .contains("&lt;b&gt;&quot;Nubes&quot; &amp; &#39;Cía&#39;&lt;/b&gt;")
        );
        assert!(!page.content.contains("<b>"), "{}", page.path);
        let linked = page
            .content
            .contains("href=\"https://portal.example-company.com/pay?from=edge&amp;lang=es\"");
        let leads = ["suspended", "paused", "restricted"];
        assert_eq!(
            linked,
            leads.iter().any(|name| page.path.contains(name)),
            "{}",
            page.path
        );
    }
    Ok(())
}

#[test]
fn the_policy_names_the_hash_of_the_style_in_every_page() -> TestResult {
    let files = render(&plain()?);
    for page in files.iter().filter(|file| file.path.ends_with(".html")) {
        let (_, rest) = page.content.split_once("<style>").ok_or("no style")?;
        let (style, _) = rest.split_once("</style>").ok_or("no end of style")?;
        let expected = format!("style-src 'sha256-{}'", base64(&sha256(style)?));
        assert!(
            files[0].content.contains(&expected),
            "{} needs {expected}",
            page.path
        );
    }
    Ok(())
}

fn sha256(text: &str) -> TestResult<Vec<u8>> {
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("no input")?;
    std::io::Write::write_all(&mut input, text.as_bytes())?;
    drop(input);
    let output = String::from_utf8(child.wait_with_output()?.stdout)?;
    let digits = output.get(..64).ok_or("no digest")?;
    let bytes = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16));
    Ok(bytes.collect::<Result<_, _>>()?)
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, at| {
            group << 8 | usize::from(*chunk.get(at).unwrap_or(&0))
        });
        for at in 0..=chunk.len() {
            text.push(char::from(ALPHABET[group >> (18 - 6 * at) & 63]));
        }
        text.push_str(&"=".repeat(3 - chunk.len()));
    }
    text
}

#[test]
fn nginx_accepts_the_files_without_a_word_of_warning() -> TestResult {
    let longest_domain = format!("{}.{}.{}.example", "a".repeat(63), "b".repeat(63), "c".repeat(63));
    for (base, domain) in [(plain()?, "localhost"), (behind_proxies()?, &longest_domain)] {
        let directory = TempDir::with_prefix("edge-")?;
        // `nginx -t` opens the addresses too: the ports must be free, and none a privileged one.
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let upstreams = ["127.0.0.1:8069".parse()?, "127.0.0.1:8072".parse()?];
        let own = nginx::settings(directory.path(), free, upstreams)?;
        let settings = EdgeSettings {
            domain: domain.parse()?,
            listen: own.listen,
            hosts_dir: own.hosts_dir,
            config_dir: own.config_dir,
            run_dir: own.run_dir,
            access_log: own.access_log,
            error_log: own.error_log,
            ..base
        };
        nginx::write_files(&settings)?;
        let output = nginx::check(directory.path(), &settings)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        for level in ["[warn]", "[alert]", "[error]", "[crit]", "[emerg]"] {
            assert!(!said.contains(level), "{said}");
        }
    }
    Ok(())
}
