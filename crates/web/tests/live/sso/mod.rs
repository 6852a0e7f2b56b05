//! Single sign-on, with an identity provider that says whatever a test has it say.

mod forgery;
mod joining;
mod logout;
mod providers;
mod scope;
mod upset;

use crate::app::answer::Answer;
use crate::app::people::cookies;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Issuer;
use url::Url;

/// What the provider calls us.
const CLIENT: &str = "panel";
const SECRET: &str = "s3cret/of+the=client";

/// A sign-in that is under way.
struct Flow {
    state: String,
    nonce: String,
    cookie: String,
}

/// A control plane and a provider that it knows.
struct Ground {
    app: App,
    issuer: Issuer,
    provider: String,
    /// Stays where it is, so that tests see what it is sent on with.
    browser: reqwest::Client,
}

impl Ground {
    /// With a provider of the staff's, which newcomers become operators by.
    async fn of_staff() -> Outcome<Self> {
        let more = json!({ "domains": ["staff.example.com", "example.com"], "newcomers": "operator" });
        Self::with(App::on_loopback().await?, more).await
    }

    async fn with(app: App, more: Value) -> Outcome<Self> {
        let issuer = Issuer::start().await?;
        let provider = add(&app, &issuer, "Corp", more).await?;
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            app,
            issuer,
            provider,
            browser,
        })
    }

    /// A browser begins.
    async fn begin(&self) -> Outcome<Flow> {
        self.begin_at(&self.provider).await
    }

    async fn begin_at(&self, provider: &str) -> Outcome<Flow> {
        let path = format!("/api/auth/sso/{provider}/start");
        Flow::of(Answer::of(self.app.bare(Method::POST, &path)).await?)
    }

    /// Claims of a token that has nothing wrong with it.
    fn claims(&self, flow: &Flow, subject: &str, email: &str) -> Value {
        let now = self.app.world.now().as_second();
        json!({ "iss": self.issuer.address(), "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 60,
            "nonce": flow.nonce, "email": email, "email_verified": true, "name": "Ana", "sid": "their-1",
            "amr": ["otp", "mfa"], "acr": "silver" })
    }

    /// The browser comes back with a code for this token.
    async fn come_back(&self, flow: &Flow, token: String) -> Outcome<Answer> {
        let code = format!("code-{}", &flow.state[..8]);
        self.issuer.exchange(&code, token);
        self.bring(flow, &code).await
    }

    async fn bring(&self, flow: &Flow, code: &str) -> Outcome<Answer> {
        let path = format!("/sso/{}/callback?code={code}&state={}", self.provider, flow.state);
        let request = self.browser.get(format!("{}{path}", self.app.base));
        Answer::of(request.header("cookie", &flow.cookie)).await
    }

    /// Somebody signs in whom the provider vouches for.
    async fn sign_in(&self, subject: &str, email: &str) -> Outcome<Answer> {
        let flow = self.begin().await?;
        let token = self.issuer.sign(&self.claims(&flow, subject, email))?;
        self.come_back(&flow, token).await
    }

    /// Who is signed in with the cookies of this answer.
    async fn me(&self, answer: &Answer) -> Outcome<Answer> {
        let request = self
            .app
            .bare(Method::GET, "/api/auth/me")
            .header("cookie", cookies(&answer.headers));
        Answer::of(request).await
    }

    /// Whether a refusal for this reason is in the audit trail, and how often.
    async fn refusals(&self, word: &str) -> Outcome<usize> {
        let written = self.app.trail("refused.sso").await?;
        Ok(written
            .iter()
            .filter(|entry| entry.ends_with(&format!(" {word}")))
            .count())
    }

    async fn finish(self) -> Outcome {
        self.app.finish().await
    }
}

impl Flow {
    fn of(answer: Answer) -> Outcome<Self> {
        let cookie = cookies(&answer.headers);
        let body = answer.expect(200)?;
        let url = Url::parse(body["url"].as_str().ok_or("no url")?)?;
        let find = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if find("code_challenge_method").as_deref() != Some("S256")
            || find("client_id").as_deref() != Some(CLIENT)
        {
            return Err(format!("not as it has to be: {url}").into());
        }
        Ok(Self {
            state: find("state").ok_or("no state")?,
            nonce: find("nonce").ok_or("no nonce")?,
            cookie,
        })
    }
}

/// Adds a provider; gives its identifier.
async fn add(app: &App, issuer: &Issuer, name: &str, more: Value) -> Outcome<String> {
    let mut body =
        json!({ "name": name, "issuer": issuer.address(), "client_id": CLIENT, "client_secret": SECRET });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let made = app.post("/api/sso/providers", &body).await?.expect(201)?;
    Ok(made["id"].as_str().ok_or("no id")?.to_owned())
}
