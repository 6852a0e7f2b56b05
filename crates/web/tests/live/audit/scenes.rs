//! What has to be there for a route to be done with success: one scene for each that needs more than its row says.

use crate::app::answer::Answer;
use crate::app::node::Node;
use crate::app::people::{PASSWORD, Person};
use crate::app::worker::Worker;
use crate::app::{App, Outcome};
use crate::factor::Phone;
use crate::routes::table::{BACKUP, BLOCK, DOWNLOAD, KEY, ORGANIZATION, PERSON, PROVIDER, Route, UPLOAD};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::cell::Cell;
use testkit::Authenticator;

/// A control plane in which everything can be done.
pub struct Stage {
    pub app: App,
    _worker: Worker,
    organization: String,
    owner: Person,
    helper: Person,
    made: Cell<u32>,
}

/// How a route is done with success.
pub enum Scene {
    /// With this request.
    Request(Box<RequestBuilder>),
    /// It changes nothing that anybody asks about, for this reason.
    Nothing(&'static str),
}

impl Stage {
    pub async fn set() -> Outcome<Self> {
        let (app, worker) = App::with_worker().await?;
        let organization = app.organization("Stage").await?;
        // Where there is an owner, members can go and be changed.
        let owner = app.member(&organization, "owner").await?;
        let helper = app.staff("operator").await?;
        Ok(Self {
            app,
            _worker: worker,
            organization,
            owner,
            helper,
            made: Cell::new(0),
        })
    }

    fn fresh(&self, word: &str) -> String {
        self.made.set(self.made.get() + 1);
        format!("{word}{}", self.made.get())
    }

    async fn tenant(&self) -> Outcome<String> {
        let name = self.fresh("tenant");
        self.app.tenant(&name).await?;
        Ok(name)
    }

    /// A tenant that this was done with.
    async fn tenant_after(&self, method: Method, path: &str, body: Option<Value>) -> Outcome<String> {
        let name = self.tenant().await?;
        let path = format!("/api/tenants/{name}{path}").replace("NAME", &name);
        let request = self.app.request(method, &path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::of(request).await?.expect(200)?;
        Ok(name)
    }

    async fn member(&self) -> Outcome<String> {
        let email = format!("{}@example.com", self.fresh("member"));
        let path = format!("/api/organizations/{}/invitations", self.organization);
        let invitation = json!({ "email": email, "role": "member" });
        let link = self.app.post(&path, &invitation).await?.expect(201)?;
        self.app.follow(&link).await?.expect(200)?;
        Ok(self.app.sign_in(&email).await?.id)
    }

    /// The address of somebody of the staff.
    async fn person(&self) -> Outcome<(String, String)> {
        let email = format!("{}@staff.example.com", self.fresh("staff"));
        let invitation = json!({ "email": email, "role": "support" });
        let link = self
            .app
            .post("/api/people/invitations", &invitation)
            .await?
            .expect(201)?;
        self.app.follow(&link).await?.expect(200)?;
        Ok((self.app.sign_in(&email).await?.id, email))
    }

    async fn key(&self) -> Outcome<String> {
        let body = json!({ "name": self.fresh("key") });
        let made = self.app.post("/api/keys", &body).await?.expect(201)?;
        Ok(made["id"].as_str().ok_or("no id")?.to_owned())
    }

    /// A node that waits, with a template on order that it has not heard of; and that operation.
    async fn waiting_node(&self) -> Outcome<(std::sync::Arc<Node>, String)> {
        let name = self.fresh("node");
        let node = self.app.enrol(&name).await?;
        let body = json!({ "node": name, "name": self.fresh("template") });
        let begun = self
            .app
            .at_once(Method::POST, "/api/templates", &body)
            .await?
            .expect(202)?;
        Ok((node, begun["id"].as_str().ok_or("no operation")?.to_owned()))
    }

    /// A template that is finished.
    async fn template(&self) -> Outcome<String> {
        let name = self.fresh("template");
        let body = json!({ "node": "alpha", "name": name });
        let begun = self.app.post("/api/templates", &body).await?.expect(202)?;
        self.app
            .ended(begun["id"].as_str().ok_or("no operation")?)
            .await?;
        Ok(name)
    }

    async fn of_people(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let app = &self.app;
        let place = (route.method.as_str(), route.pattern);
        Ok(Some(match place {
            ("POST", "/api/auth/login") => {
                let (_, email) = self.person().await?;
                let body = json!({ "email": email, "password": PASSWORD });
                app.bare(Method::POST, &route.path).json(&body)
            }
            ("POST", "/api/auth/logout" | "/api/logout" | "/api/auth/logout/all") => {
                let (_, email) = self.person().await?;
                let person = app.sign_in(&email).await?;
                app.by(&person, Method::POST, &route.path)
            }
            ("DELETE", "/api/auth/sessions/{id}") => {
                let (_, email) = self.person().await?;
                let person = app.sign_in(&email).await?;
                let sessions = Answer::of(app.by(&person, Method::GET, "/api/auth/sessions")).await?;
                let text = sessions.text;
                let other = text
                    .split("\"id\":\"")
                    .nth(2)
                    .and_then(|rest| rest.split('"').next());
                let path = format!("/api/auth/sessions/{}", other.ok_or("no other session")?);
                app.by(&person, Method::DELETE, &path)
            }
            ("PUT", "/api/auth/password") => {
                let (_, email) = self.person().await?;
                let person = app.sign_in(&email).await?;
                let body = json!({ "current_password": PASSWORD, "new_password": "Quetzal-volando-48" });
                app.by(&person, Method::PUT, &route.path).json(&body)
            }
            (_, pattern)
                if pattern.starts_with("/api/auth/2fa/")
                    || pattern.starts_with("/api/auth/passkeys")
                    || ["/api/auth/step-up", "/api/auth/totp/verify"].contains(&pattern) =>
            {
                self.of_factors(route).await?
            }
            ("DELETE", "/api/people/{person}/second-factors") => {
                let (id, email) = self.person().await?;
                app.enrol_phone(&app.sign_in(&email).await?).await?;
                self.with(route, PERSON, &id)
            }
            ("POST", "/api/auth/link") => {
                let invitation = json!({ "email": "joins@staff.example.com", "role": "viewer" });
                let link = app
                    .post("/api/people/invitations", &invitation)
                    .await?
                    .expect(201)?;
                let token = token_of(&link["link"])?;
                let body = json!({ "token": token, "new_password": PASSWORD });
                app.bare(Method::POST, &route.path).json(&body)
            }
            ("POST", "/welcome") => {
                let link = Value::from(app.control.owner_link().await?);
                let body = json!({ "token": token_of(&link)?, "email": "owner@example.com", "new_password": PASSWORD });
                app.bare(Method::POST, &route.path).json(&body)
            }
            (_, pattern) if pattern.contains("/members/{person}") => {
                self.with(route, PERSON, &self.member().await?)
            }
            (_, pattern) if pattern.contains("{person}") => self.with(route, PERSON, &self.person().await?.0),
            _ => return Ok(None),
        }))
    }

    async fn of_factors(&self, route: &Route) -> Outcome<RequestBuilder> {
        let app = &self.app;
        let (_, email) = self.person().await?;
        let person = app.sign_in(&email).await?;
        let asks = |path: &str| app.by(&person, route.method.clone(), path);
        Ok(match (route.method.as_str(), route.pattern) {
            ("POST", "/api/auth/2fa/setup") => asks(&route.path),
            ("POST", "/api/auth/2fa/verify") => {
                let begun = Answer::of(asks("/api/auth/2fa/setup")).await?.expect(200)?;
                let code = Phone::of(&begun)?.code(app, 0)?;
                asks(&route.path).json(&json!({ "code": code }))
            }
            ("POST", "/api/auth/step-up") => asks(&route.path).json(&json!({ "password": PASSWORD })),
            ("POST", "/api/auth/passkeys") => {
                let begun = Answer::of(asks("/api/auth/passkeys/options"))
                    .await?
                    .expect(200)?;
                let mut key = Authenticator::new("https://panel.example.com", "panel.example.com")?;
                let made = key.create(&begun["options"]);
                asks(&route.path)
                    .json(&json!({ "challenge": begun["challenge"], "name": "Laptop", "credential": made }))
            }
            ("DELETE", _) => {
                let (added, _) = app.enrol_passkey(&person, "Laptop").await?;
                let id = added["passkey"]["id"].as_str().ok_or("no passkey")?;
                asks(&format!("/api/auth/passkeys/{id}"))
            }
            ("POST", "/api/auth/totp/verify") => {
                let phone = app.enrol_phone(&person).await?;
                let asked = app.first_step(&email).await?;
                let body = json!({ "challenge": asked["challenge"], "totp_code": phone.code(app, 1)? });
                app.bare(Method::POST, &route.path).json(&body)
            }
            _ => {
                let phone = app.enrol_phone(&person).await?;
                asks(&route.path).json(&json!({ "code": phone.code(app, 1)? }))
            }
        })
    }

    async fn of_tenants(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let app = &self.app;
        let pattern = route.pattern;
        let name = match (route.method.as_str(), pattern) {
            ("POST", "/api/tenants/{subdomain}/resume") => {
                self.tenant_after(Method::POST, "/pause", None).await?
            }
            ("POST", "/api/tenants/{subdomain}/undelete" | "/api/tenants/{subdomain}/purge") => {
                self.tenant_after(Method::DELETE, "?confirm=NAME", None).await?
            }
            ("POST", "/set-password") => {
                let mut body = crate::app::new_tenant(&self.fresh("tenant"));
                body["admin_password"] = Value::Null;
                let made = app.post("/api/tenants", &body).await?.expect(201)?;
                let body =
                    json!({ "token": token_of(&made["set_password_link"])?, "new_password": PASSWORD });
                return Ok(Some(app.bare(Method::POST, &route.path).json(&body)));
            }
            ("POST", "/api/bulk") => {
                let body = json!({ "action": "suspend", "subdomains": [self.tenant().await?] });
                return Ok(Some(app.request(Method::POST, &route.path).json(&body)));
            }
            ("POST", "/api/provisioning/tenant") => {
                let body = json!({ "subdomain": self.fresh("provisioned") });
                return Ok(Some(app.request(Method::POST, &route.path).json(&body)));
            }
            (_, pattern) if pattern.contains("{subdomain}") || pattern.starts_with("/api/provisioning/") => {
                self.tenant().await?
            }
            _ => return Ok(None),
        };
        Ok(Some(self.with(route, "acme", &name)))
    }

    /// A support access is asked for by one, decided about by another, and used by the first.
    async fn of_support(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let (app, owner, helper) = (&self.app, &self.owner, &self.helper);
        let verb = match route.pattern {
            "/api/organizations/{organization}/support-access" => {
                let path = route.path.replace(ORGANIZATION, &self.organization);
                let wish = json!({ "support_access": "approval" });
                return Ok(Some(app.by(owner, route.method.clone(), &path).json(&wish)));
            }
            "/api/tenants/{subdomain}/login" => "login",
            "/api/tenants/{subdomain}/support" if route.method == Method::POST => "support",
            pattern if pattern.contains("/support/{id}/") => pattern.rsplit('/').next().unwrap_or_default(),
            _ => return Ok(None),
        };
        let name = self.tenant().await?;
        app.assign(&name, &self.organization).await?;
        let tenant = format!("/api/tenants/{name}");
        let ask = json!({ "reason": "the invoice total", "minutes": 60 });
        let asking = app
            .by(helper, Method::POST, &format!("{tenant}/support"))
            .json(&ask);
        let access = match verb {
            "login" => return Ok(Some(app.by(owner, Method::POST, &format!("{tenant}/login")))),
            "support" => return Ok(Some(asking)),
            _ => Answer::of(asking).await?.expect(201)?,
        };
        let id = access["id"].as_str().ok_or("no access")?;
        let act = |person: &Person, verb: &str| {
            app.by(person, Method::POST, &format!("{tenant}/support/{id}/{verb}"))
        };
        Ok(Some(match verb {
            "approve" | "refuse" => act(owner, verb).json(&json!({})),
            _ => {
                Answer::of(act(owner, "approve").json(&json!({})))
                    .await?
                    .expect(200)?;
                act(helper, verb)
            }
        }))
    }

    async fn of_nodes(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let app = &self.app;
        Ok(Some(match (route.method.as_str(), route.pattern) {
            ("POST", "/node/v1/enrol") => {
                let name = self.fresh("node");
                let token = app
                    .post("/api/nodes/tokens", &json!({ "name": name }))
                    .await?
                    .expect(201)?;
                let token = token["token"].as_str().ok_or("no token")?;
                app.bare(Method::POST, &route.path)
                    .json(&Node::enrolment(&name, token))
            }
            ("POST", "/node/v1/commands/{id}/outcome") => {
                let (node, _) = self.waiting_node().await?;
                let command = node.next().await?;
                let path = format!("/node/v1/commands/{}/outcome", command.id);
                let done = json!({ "steps": [], "result": { "is": "done" } });
                node.request(Method::POST, &path).json(&done)
            }
            ("PATCH", "/api/nodes/{name}") => {
                let name = self.fresh("node");
                app.enrol(&name).await?;
                self.with(route, "alpha", &name)
            }
            ("DELETE", "/api/nodes/{name}") => {
                let name = self.fresh("node");
                app.enrol(&name).await?;
                app.request(Method::DELETE, &format!("/api/nodes/{name}?confirm={name}"))
            }
            ("POST", "/api/operations/{id}/cancel") => {
                let (_, operation) = self.waiting_node().await?;
                let path = format!("/api/operations/{operation}/cancel");
                app.request(Method::POST, &path)
                    .json(&json!({ "reason": "not wanted" }))
            }
            ("POST", "/api/nodes/{name}/rotate") => {
                let name = self.fresh("node");
                app.enrol(&name).await?;
                self.with(route, "alpha", &name)
            }
            ("POST", "/api/templates") => {
                let body = json!({ "node": "alpha", "name": self.fresh("template") });
                app.request(Method::POST, &route.path).json(&body)
            }
            (
                _,
                "/api/templates/{name}/rebuild"
                | "/api/templates/{name}/warm"
                | "/api/templates/{name}/retire",
            ) => self.with(route, "template_tenant", &self.template().await?),
            ("POST", "/api/templates/{name}/adopt") => {
                let body = json!({ "node": "alpha", "database": self.tenant().await? });
                let path = format!("/api/templates/{}/adopt", self.fresh("template"));
                app.request(Method::POST, &path).json(&body)
            }
            _ => return Ok(None),
        }))
    }

    /// The route's own request, with something else in the place of what its row names.
    fn with(&self, route: &Route, placeholder: &str, name: &str) -> RequestBuilder {
        let path = route
            .path
            .replace(placeholder, name)
            .replace(ORGANIZATION, &self.organization);
        let request = self.app.request(route.method.clone(), &path);
        match &route.body {
            Some(body) => {
                let text = body
                    .to_string()
                    .replace(&format!("\"{placeholder}\""), &format!("\"{name}\""));
                request.header("content-type", "application/json").body(text)
            }
            None => request,
        }
    }

    /// How this route is done with success.
    pub async fn scene(&self, route: &Route) -> Outcome<Scene> {
        let nothing = match route.pattern {
            "/api/auth/refresh" => "it carries on a session whose beginning and end have entries",
            "/node/v1/commands/{id}/progress" => "the end of the operation has an entry",
            "/node/v1/observed" => "it is what a node sees",
            "/node/v1/hello" => "it is what a node says of itself",
            "/node/v1/credential" => "it offers another one, whose first use has the entry",
            "/api/auth/sso/{provider}/start" => "a browser that begins has not signed in",
            "/api/auth/sso/{provider}/link" | "/api/auth/sso/{provider}/logout" => {
                "it takes a provider, and is told apart in the tests of single sign-on"
            }
            "/api/auth/passkeys/options" | "/api/auth/passkey/options" | "/api/auth/step-up/options" => {
                "what an authenticator is asked changes nothing yet"
            }
            "/api/auth/passkey/login" => "it takes a passkey; the tests of second factors have it",
            "/api/auth/identities/{provider}" => "it takes a provider, as above",
            "/api/sso/providers/{provider}/test" => "it looks, and changes nothing",
            "/api/tenants/{subdomain}/move" | "/api/tenants/{subdomain}/move/confirm" => {
                "they take a second node; the tests of moving have both"
            }
            "/api/nodes/{name}/drain"
            | "/api/nodes/{name}/drain/pause"
            | "/api/nodes/{name}/drain/resume"
            | "/api/nodes/{name}/drain/cancel"
            | "/api/nodes/{name}/confirm-moves" => "they take a second node; the tests of draining have both",
            "/node/v1/questions/{id}/answer" => "what is seen is told to whoever asked, and kept nowhere",
            "/api/tenants/{subdomain}/restore" => {
                "it takes a node with an archive; the control plane's tests have one"
            }
            "/node/v1/transfers/{id}" => "what moves is told by the operation",
            "/api/imports" => "it takes a node that fetches; the end-to-end tests have one",
            "/api/uploads/{id}" if route.method == Method::PATCH => {
                "a piece is told by the upload, which began and ends"
            }
            "/download/state" => "it looks, and changes nothing",
            "/download/content" => "it takes a node that sends; the end-to-end tests have it",
            "/api/drift/apply" => "it takes what a node saw; the tests of differences have it",
            "/api/provisioning/dns" => "it looks a name up, and no provider is set up that could make one",
            _ => "",
        };
        if !nothing.is_empty() {
            return Ok(Scene::Nothing(nothing));
        }
        if let Some(request) = self.of_people(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_support(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_tenants(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_nodes(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_work(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_backups(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        if let Some(request) = self.of_sold(route).await? {
            return Ok(Scene::Request(Box::new(request)));
        }
        let id = match route.pattern {
            "/api/sso/providers/{provider}" => Some((PROVIDER, self.provider().await?)),
            "/api/keys/{id}/rotate" | "/api/keys/{id}" => Some((KEY, self.key().await?)),
            "/api/security/blocks/{id}" => Some((BLOCK, self.block().await?)),
            _ => None,
        };
        Ok(Scene::Request(Box::new(match id {
            Some((placeholder, id)) => self.with(route, placeholder, &id),
            None => self.with(route, ORGANIZATION, &self.organization),
        })))
    }

    /// Plans and products, made for it where they go; registering where that is allowed.
    async fn of_sold(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        if route.pattern == "/api/register" {
            self.app.put_value("registration.trial", json!("on")).await?;
            self.app.control.look_again().await?;
            let request = self.app.bare(Method::POST, "/api/register");
            return Ok(route.body.as_ref().map(|body| request.json(body)));
        }
        if route.method != Method::DELETE
            || !matches!(route.pattern, "/api/plans/{name}" | "/api/products/{name}")
        {
            return Ok(None);
        }
        let list = route.pattern.trim_end_matches("/{name}");
        let name = self.fresh("sold");
        let made = json!({ "name": name, "display_name": "Sold" });
        self.app.post(list, &made).await?.expect(201)?;
        let path = format!("{list}/{name}?confirm={name}");
        Ok(Some(self.app.request(Method::DELETE, &path)))
    }

    /// Backups, each of a tenant of its own.
    async fn of_backups(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let app = &self.app;
        if route.pattern.contains("}/database/")
            || matches!(
                route.pattern,
                "/api/tenants/{subdomain}/backups"
                    | "/api/tenants/{subdomain}/backup-schedule"
                    | "/api/tenants/{subdomain}/downloads"
            )
        {
            return Ok(Some(self.with(route, "acme", &self.tenant().await?)));
        }
        if route.method == Method::DELETE && route.pattern == "/api/backup-stores/{name}" {
            let path = format!("/api/backup-stores/{}", self.fresh("store"));
            let made = app.request(Method::PUT, &path).json(&json!({ "kind": "folder" }));
            Answer::of(made).await?.expect(200)?;
            return Ok(Some(app.request(Method::DELETE, &path)));
        }
        if route.path.contains(DOWNLOAD) {
            let path = format!("/api/tenants/{}/downloads", self.tenant().await?);
            let made = app.post(&path, &json!({})).await?.expect(201)?;
            let id = made["id"].as_str().ok_or("no download")?;
            return Ok(Some(self.with(route, DOWNLOAD, id)));
        }
        if route.path.contains(UPLOAD) {
            let asked = json!({ "bytes": 5, "file_name": "acme.zip" });
            let made = app.post("/api/uploads", &asked).await?.expect(201)?;
            let id = made["id"].as_str().ok_or("no upload")?;
            return Ok(Some(self.with(route, UPLOAD, id)));
        }
        if !route.path.contains(BACKUP) {
            return Ok(None);
        }
        let name = self.tenant().await?;
        let taken = app
            .post(&format!("/api/tenants/{name}/backups"), &json!({}))
            .await?
            .expect(200)?;
        let id = taken["facts"]["backup"].as_str().ok_or("no backup")?.to_owned();
        let path = route
            .path
            .replace(BACKUP, &id)
            .replace("=acme", &format!("={name}"));
        let request = app.request(route.method.clone(), &path);
        Ok(Some(match &route.body {
            Some(body) => {
                let text = body.to_string().replace("\"acme\"", &format!("\"{name}\""));
                request.header("content-type", "application/json").body(text)
            }
            None => request,
        }))
    }

    async fn provider(&self) -> Outcome<String> {
        let body = json!({ "name": self.fresh("provider"), "issuer": "https://login.example.com", "client_id": "panel" });
        let made = self.app.post("/api/sso/providers", &body).await?.expect(201)?;
        Ok(made["id"].as_str().ok_or("no id")?.to_owned())
    }

    /// Work that failed so often that a person must decide, for an operation if one is named.
    async fn of_work(&self, route: &Route) -> Outcome<Option<RequestBuilder>> {
        let operation = match route.pattern {
            "/api/jobs/{id}/retry" | "/api/jobs/{id}/cancel" | "/api/jobs/{id}/abandon" => None,
            "/api/operations/{id}/retry" | "/api/operations/{id}/abandon" => {
                Some(self.waiting_node().await?.1)
            }
            _ => return Ok(None),
        };
        let query = "INSERT INTO job (id, kind, version, arguments, status, priority, run_at, tries, most_tries, operation_id,
                requested_by, created_at, started_at)
            VALUES (gen_random_uuid(), 'stage', 1, '{}', 'dead', 5, now(), 3, 3, $1::uuid, 'system', now(), now()) RETURNING id";
        let uuid = operation
            .as_deref()
            .map(|id| id.trim_start_matches("ope_").parse::<uuid::Uuid>());
        let job: uuid::Uuid = sqlx::query_scalar(query)
            .bind(uuid.transpose()?)
            .fetch_one(&self.app.database.pool)
            .await?;
        let id = operation.unwrap_or_else(|| format!("job_{}", job.simple()));
        let verb = route.pattern.rsplit('/').next().unwrap_or_default();
        let folder = if id.starts_with("job_") {
            "jobs"
        } else {
            "operations"
        };
        let request = self
            .app
            .request(Method::POST, &format!("/api/{folder}/{id}/{verb}"));
        Ok(Some(
            request.json(&json!({ "reason": "the disk has room again" })),
        ))
    }

    async fn block(&self) -> Outcome<String> {
        let refused = Answer::of(self.app.bare(Method::GET, "/..%2f..%2fetc%2fpasswd")).await?;
        let problem = refused.problem(403, "blocked")?;
        self.app.control.keep_found().await?;
        Ok(problem["block"].as_str().ok_or("no block")?.to_owned())
    }
}

fn token_of(link: &Value) -> Outcome<String> {
    let link = link.as_str().ok_or("no link")?;
    Ok(link.split_once('#').ok_or("no token")?.1.to_owned())
}
