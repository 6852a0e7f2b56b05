//! Single sign-on as people meet it: the real program and a real identity provider, with a browser's cookies.

use anyhow::{Context as _, Result, bail, ensure};
use e2e::{Api, Installation, eventually, unique};
use reqwest::{Method, Response, StatusCode, Url, header};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

const CLIENT: &str = "tenantry";
const SECRET: &str = "a-secret-of-the-tests/with+signs=and%more";
/// Most pages between the beginning and the end of a sign-in.
const MOST_PAGES: usize = 20;

/// A provider, and the row that describes it.
struct Provider {
    id: String,
    name: String,
    address: String,
    redirect: String,
    child: Child,
}

impl Provider {
    async fn start(installation: &Installation, newcomers: &str) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("http://127.0.0.1:{port}");
        let name = unique("idp");
        let body = json!({ "name": name, "issuer": address, "client_id": CLIENT, "client_secret": SECRET,
            "domains": ["staff.example.com"], "newcomers": newcomers });
        let made = installation
            .api()?
            .ask(Method::POST, "/api/sso/providers", Some(&body))
            .await?
            .expect(201)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/oidc-provider");
        let child = Command::new(script)
            .arg(port.to_string())
            .args([CLIENT, SECRET, made.text("redirect_uri"), made.text("logout_uri")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let provider = Self {
            id: made.text("id").to_owned(),
            redirect: made.text("redirect_uri").to_owned(),
            name,
            address,
            child,
        };
        let client = client()?;
        let description = format!("{}/.well-known/openid-configuration", provider.address);
        eventually(Duration::from_secs(120), "the provider answers", || async {
            client
                .get(&description)
                .send()
                .await
                .is_ok_and(|answer| answer.status() == StatusCode::OK)
        })
        .await?;
        Ok(provider)
    }

    async fn remove(mut self, api: &Api) -> Result<()> {
        let path = format!("/api/sso/providers/{}", self.id);
        api.ask(Method::DELETE, &path, None).await?.expect(204)?;
        Ok(self.child.kill().await?)
    }
}

fn client() -> Result<reqwest::Client> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let roots = roots.filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
    let client = reqwest::Client::builder().tls_certs_merge(roots);
    Ok(client
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?)
}

/// A browser: it keeps cookies by host and port, and stays where a page is.
struct Browser {
    client: reqwest::Client,
    cookies: HashMap<String, BTreeMap<String, String>>,
}

impl Browser {
    fn new() -> Result<Self> {
        Ok(Self {
            client: client()?,
            cookies: HashMap::new(),
        })
    }

    async fn send(&mut self, method: Method, url: &Url, form: Option<&[(&str, &str)]>) -> Result<Response> {
        let place = url.origin().ascii_serialization();
        let own = self.cookies.entry(place.clone()).or_default();
        let line: Vec<String> = own
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self
            .client
            .request(method, url.clone())
            .header(header::COOKIE, line.join("; "));
        if let Some(form) = form {
            request = request.form(form);
        }
        let answer = request.send().await?;
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line
                .to_str()?
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies
                    .entry(place.clone())
                    .or_default()
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// Begins at the page to sign in; gives where the provider is.
    async fn begin(&mut self, provider: &Provider) -> Result<Url> {
        let mut url = Url::parse(&provider.redirect)?;
        url.set_path(&format!("/api/auth/sso/{}/start", provider.id));
        let answer = self.send(Method::POST, &url, None).await?;
        ensure!(answer.status() == StatusCode::OK, "{}", answer.text().await?);
        let body: Value = answer.json().await?;
        Ok(Url::parse(body["url"].as_str().context("no url")?)?)
    }

    /// Signs in at the provider and consents; gives where it sends the browser back to.
    async fn at_provider(&mut self, mut url: Url, who: &str) -> Result<Url> {
        let provider = url.origin();
        let mut answer = self.send(Method::GET, &url, None).await?;
        for _ in 0..MOST_PAGES {
            if answer.status().is_redirection() {
                let to = answer
                    .headers()
                    .get(header::LOCATION)
                    .context("a redirect to nowhere")?;
                url = url.join(to.to_str()?)?;
                if url.origin() != provider {
                    return Ok(url);
                }
                answer = self.send(Method::GET, &url, None).await?;
                continue;
            }
            let page = answer.text().await?;
            let login = [("prompt", "login"), ("login", who), ("password", "x")];
            let form: &[(&str, &str)] = match page.contains("name=\"login\"") {
                true => &login,
                false => &[("prompt", "consent")],
            };
            answer = self.send(Method::POST, &url, Some(form)).await?;
        }
        bail!("the provider does not come to an end: {url}")
    }

    /// The whole way there and back.
    async fn sign_in(&mut self, provider: &Provider, who: &str) -> Result<(Url, Response)> {
        let there = self.begin(provider).await?;
        let back = self.at_provider(there, who).await?;
        let answer = self.send(Method::GET, &back, None).await?;
        Ok((back, answer))
    }

    async fn me(&mut self, provider: &Provider) -> Result<(StatusCode, Value)> {
        let mut url = Url::parse(&provider.redirect)?;
        url.set_path("/api/auth/me");
        let answer = self.send(Method::GET, &url, None).await?;
        Ok((answer.status(), answer.json().await?))
    }
}

#[tokio::test]
async fn somebody_signs_in_with_a_real_provider_and_is_signed_out_by_it() -> Result<()> {
    let installation = Installation::under_test()?;
    let provider = Provider::start(&installation, "support").await?;
    let (code, told, complaint) = installation.run(&["sso", "test", &provider.name], None).await?;
    ensure!(code == 0 && told.contains("RS256"), "{told}{complaint}");
    let mut browser = Browser::new()?;
    let (back, answer) = browser.sign_in(&provider, "ana").await?;
    ensure!(
        answer.status() == StatusCode::SEE_OTHER,
        "{}",
        answer.text().await?
    );
    let (status, me) = browser.me(&provider).await?;
    ensure!(status == StatusCode::OK && me["staff_role"] == "support", "{me}");
    ensure!(
        me["email"] == "ana@staff.example.com" && me["methods"][0] == "sso",
        "{me}"
    );
    // Neither the same answer again nor another browser with it opens anything.
    for browser in [&mut browser, &mut Browser::new()?] {
        let answer = browser.send(Method::GET, &back, None).await?;
        ensure!(answer.status() == StatusCode::UNAUTHORIZED, "{}", answer.status());
    }
    // Whoever signs out at the provider is signed out here: it tells us, in a token of its own.
    let end = Url::parse(&format!("{}/session/end", provider.address))?;
    let page = browser.send(Method::GET, &end, None).await?.text().await?;
    let token = page
        .split("name=\"xsrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let form = [
        ("xsrf", token.context("no form to sign out with")?),
        ("logout", "yes"),
    ];
    let confirm = Url::parse(&format!("{}/session/end/confirm", provider.address))?;
    browser.send(Method::POST, &confirm, Some(&form)).await?;
    let (status, _) = browser.me(&provider).await?;
    ensure!(
        status == StatusCode::UNAUTHORIZED,
        "the session goes on: {status}"
    );
    provider.remove(&installation.api()?).await
}

#[tokio::test]
async fn a_real_provider_lets_in_nobody_whom_it_may_not_speak_for() -> Result<()> {
    let installation = Installation::under_test()?;
    let provider = Provider::start(&installation, "viewer").await?;
    // An address that is not verified, and one of a foreign domain.
    for who in ["eva", "mal"] {
        let mut browser = Browser::new()?;
        let (_, answer) = browser.sign_in(&provider, who).await?;
        ensure!(
            answer.status() == StatusCode::FORBIDDEN,
            "{who}: {}",
            answer.status()
        );
        let (status, _) = browser.me(&provider).await?;
        ensure!(status == StatusCode::UNAUTHORIZED, "{who}");
    }
    // A code without the cookie of the browser that began is worth nothing, wherever it came from.
    let mut browser = Browser::new()?;
    let there = browser.begin(&provider).await?;
    let back = browser.at_provider(there, "ana").await?;
    let answer = Browser::new()?.send(Method::GET, &back, None).await?;
    ensure!(answer.status() == StatusCode::UNAUTHORIZED, "{}", answer.status());
    provider.remove(&installation.api()?).await
}
