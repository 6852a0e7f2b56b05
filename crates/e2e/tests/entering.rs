//! Entering without a password: staff with the customer's leave, and customers by one click; once, and no longer.

use anyhow::{Context as _, Result, ensure};
use e2e::{Answer, Api, Installation, Visitor, eventually, unique};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "a good long password";
const FORM: &str = "application/x-www-form-urlencoded";

/// A tenant with an organization, whose owner is signed in.
struct Scene {
    installation: Installation,
    api: Api,
    anybody: Api,
    name: String,
    token: String,
}

impl Scene {
    async fn new(prefix: &str) -> Result<Self> {
        let installation = Installation::under_test()?;
        let (api, anybody, name) = (installation.api()?, installation.api_as(None)?, unique(prefix));
        api.create(&name, PASSWORD).await?;
        let made = json!({ "name": format!("Organization {name}") });
        let made = api
            .ask(Method::POST, "/api/organizations", Some(&made))
            .await?
            .expect(201)?;
        let organization = made.text("id").to_owned();
        let body = json!({ "organization": organization });
        let path = format!("/api/tenants/{name}/organization");
        api.ask(Method::PUT, &path, Some(&body)).await?.expect(200)?;
        let email = format!("owner@{name}.example.com");
        let path = format!("/api/organizations/{organization}/invitations");
        let body = json!({ "email": email, "role": "owner" });
        let link = api.ask(Method::POST, &path, Some(&body)).await?.expect(201)?;
        let (_, secret) = link.text("link").split_once('#').context("no link")?;
        let body = json!({ "token": secret, "new_password": "Quetzal-volando-47" });
        anybody
            .ask(Method::POST, "/api/auth/link", Some(&body))
            .await?
            .expect(200)?;
        let body = json!({ "email": email, "password": "Quetzal-volando-47", "transport": "bearer" });
        let signed = anybody
            .ask(Method::POST, "/api/auth/login", Some(&body))
            .await?
            .expect(200)?;
        let token = signed.text("access_token").to_owned();
        Ok(Self {
            installation,
            api,
            anybody,
            name,
            token,
        })
    }

    /// Asks as the organization's owner.
    async fn owner(&self, path: &str, body: Option<Value>) -> Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Prefer", "wait=120")];
        self.anybody
            .send(Method::POST, path, &headers, body.as_ref())
            .await
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/tenants/{}/{rest}", self.name)
    }

    /// An access that the owner approved; gives its place.
    async fn approved(&self) -> Result<String> {
        let body = json!({ "reason": "ticket 812: the invoice total", "minutes": 30 });
        let asked = self
            .api
            .ask(Method::POST, &self.path("support"), Some(&body))
            .await?
            .expect(201)?;
        let place = self.path(&format!("support/{}", asked.text("id")));
        self.owner(&format!("{place}/approve"), Some(json!({})))
            .await?
            .expect(200)?;
        Ok(place)
    }

    /// A link of an access: its host's label and its token.
    async fn link(&self, place: &str) -> Result<(String, String)> {
        let answer = self
            .api
            .ask(Method::POST, &format!("{place}/enter"), None)
            .await?
            .expect(200)?;
        parts(answer.text("url"))
    }

    /// Somebody who followed a link of this access.
    async fn inside(&self, place: &str) -> Result<Visitor> {
        let (label, token) = self.link(place).await?;
        let mut visitor = self.installation.visitor(&label)?;
        ensure!(
            follow(&mut visitor, &token).await? == StatusCode::SEE_OTHER,
            "not let in"
        );
        ensure!(visitor.is_inside().await?, "let in, but not inside");
        Ok(visitor)
    }

    async fn sql(&self, query: &str) -> Result<String> {
        self.installation.postgres().text(&self.name, query).await
    }
}

fn parts(url: &str) -> Result<(String, String)> {
    let (address, token) = url.split_once('#').context("no token in the link")?;
    ensure!(
        address.ends_with("/tenantry/enter") && token.len() == 64,
        "{address}"
    );
    let host = address.split_once("://").map_or("", |(_, host)| host);
    let label = host.split('.').next().unwrap_or_default();
    Ok((label.to_owned(), token.to_owned()))
}

/// Follows a link as the page does; gives the status.
async fn follow(visitor: &mut Visitor, token: &str) -> Result<StatusCode> {
    let body = format!("token={token}");
    Ok(visitor.post("/tenantry/enter", FORM, body).await?.status)
}

/// What a call of Odoo's gives.
async fn call(visitor: &mut Visitor, model: &str, method: &str, arguments: Value) -> Result<Value> {
    let page = visitor.call(model, method, arguments).await?;
    let answer: Value = serde_json::from_str(&page.text).with_context(|| page.text.clone())?;
    answer.get("result").cloned().with_context(|| answer.to_string())
}

/// How many of many requests at once, to every worker, still find the session.
async fn still_inside(visitor: &Visitor, times: usize) -> Result<usize> {
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..times {
        let mut visitor = visitor.clone();
        asked.spawn(async move { visitor.is_inside().await });
    }
    let mut inside = 0;
    while let Some(found) = asked.join_next().await {
        inside += usize::from(found??);
    }
    Ok(inside)
}

/// Every log of the installation that holds one of these texts.
fn logs_with(installation: &Installation, texts: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![installation.path("log")];
    while let Some(folder) = folders.pop() {
        for name in Installation::entries(&folder)? {
            let path = folder.join(&name);
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            if texts.iter().any(|wanted| text.contains(wanted)) {
                found.push(name);
            }
        }
    }
    Ok(found)
}

#[tokio::test]
async fn support_works_in_the_back_office_once_let_in_and_is_out_when_the_customer_says_so() -> Result<()> {
    let scene = Scene::new("support").await?;
    let login = format!("ana@{}.example.com", scene.name);
    let mut customer = scene.installation.visitor(&scene.name)?;
    ensure!(customer.log_in(&login, PASSWORD).await?, "the customer is not in");
    let place = scene.approved().await?;
    let (label, token) = scene.link(&place).await?;
    let mut staff = scene.installation.visitor(&label)?;
    let page = staff.get("/tenantry/enter").await?;
    ensure!(
        page.status == 200 && page.cache.as_deref() == Some("no-store") && !page.text.contains(&token),
        "{}",
        page.text
    );
    ensure!(
        follow(&mut staff, &token).await? == StatusCode::SEE_OTHER,
        "not let in"
    );
    let back_office = staff.open("/web").await?;
    ensure!(
        back_office.status == 200 && back_office.text.contains("Support (Tenantry)"),
        "{} {:.300}",
        back_office.status,
        back_office.text
    );
    // What support does has its name on it, and the administrator's rights.
    let made = call(
        &mut staff,
        "res.partner",
        "create",
        json!([{ "name": "Made by support" }]),
    )
    .await?;
    let fields = json!([[made], ["create_uid"]]);
    let read = call(&mut customer, "res.partner", "read", fields).await?;
    ensure!(read[0]["create_uid"][1] == "Support (Tenantry)", "{read}");
    let groups = "SELECT (SELECT array_agg(gid ORDER BY gid) FROM res_groups_users_rel WHERE uid = 2) = \
        (SELECT array_agg(gid ORDER BY gid) FROM res_groups_users_rel r JOIN res_users u ON u.id = r.uid \
        WHERE u.login = 'tenantry-support')";
    ensure!(
        scene.sql(&format!("SELECT ({groups})::text")).await? == "true",
        "other rights"
    );
    let logged = "SELECT count(*)::text FROM res_users_log l JOIN res_users u ON u.id = l.create_uid \
        WHERE u.login = 'tenantry-support'";
    ensure!(scene.sql(logged).await? == "1", "not in Odoo's own log");
    // The link works once.
    let mut second = scene.installation.visitor(&label)?;
    ensure!(
        follow(&mut second, &token).await? == StatusCode::GONE,
        "it worked twice"
    );
    ensure!(!second.is_inside().await?, "in by a used link");
    ensure!(still_inside(&staff, 12).await? == 12, "out before it is over");
    scene.owner(&format!("{place}/end"), None).await?.expect(200)?;
    ensure!(still_inside(&staff, 24).await? == 0, "a worker still lets in");
    let refused = staff.call("res.partner", "search_count", json!([[]])).await?;
    ensure!(!refused.text.contains("\"result\""), "{}", refused.text);
    ensure!(still_inside(&customer, 6).await? == 6, "the customer is out");
    let archived =
        "SELECT (NOT active AND password IS NULL)::text FROM res_users WHERE login = 'tenantry-support'";
    ensure!(scene.sql(archived).await? == "true", "the support user is there");
    let hash = scene
        .sql("SELECT encode(token_hash, 'hex') FROM tenantry.entry")
        .await?;
    let told = logs_with(&scene.installation, &[&token, &hash])?;
    ensure!(told.is_empty(), "a log holds the token or its hash: {told:?}");
    // Asked for again, the same user comes back for the time of it.
    let place = scene.approved().await?;
    let again = scene.inside(&place).await?;
    ensure!(
        scene
            .sql("SELECT count(*)::text FROM res_users WHERE login = 'tenantry-support' AND active")
            .await?
            == "1",
        "not one support user"
    );
    scene
        .api
        .ask(Method::POST, &format!("{place}/end"), None)
        .await?
        .expect(200)?;
    ensure!(still_inside(&again, 6).await? == 0, "still inside");
    scene.api.remove(&scene.name).await
}

#[tokio::test]
async fn of_many_who_follow_one_link_at_once_one_is_let_in() -> Result<()> {
    let scene = Scene::new("race").await?;
    let place = scene.approved().await?;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let (label, token) = scene.link(&place).await?;
        let mut tried = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (mut visitor, token) = (scene.installation.visitor(&label)?, token.clone());
            tried.spawn(async move {
                let status = follow(&mut visitor, &token).await?;
                Ok::<_, anyhow::Error>((status, visitor.is_inside().await?))
            });
        }
        let mut inside = Vec::new();
        while let Some(found) = tried.join_next().await {
            inside.push(found??);
        }
        let let_in = inside
            .iter()
            .filter(|found| **found == (StatusCode::SEE_OTHER, true));
        let refused = inside.iter().filter(|found| **found == (StatusCode::GONE, false));
        ensure!((let_in.count(), refused.count()) == (1, 5), "{inside:?}");
        tokens.push(token);
    }
    // Those who came second made statements fail, which are logged.
    let hashes = "SELECT string_agg(encode(token_hash, 'hex'), ' ') FROM tenantry.entry";
    let hashes = scene.sql(hashes).await?;
    let texts: Vec<&str> = hashes
        .split(' ')
        .chain(tokens.iter().map(String::as_str))
        .collect();
    let told = logs_with(&scene.installation, &texts)?;
    ensure!(told.is_empty(), "a log holds a token or a hash: {told:?}");
    scene.api.remove(&scene.name).await
}

#[tokio::test]
async fn nobody_logs_in_as_the_support_user_in_any_other_way() -> Result<()> {
    let scene = Scene::new("other").await?;
    let place = scene.approved().await?;
    let staff = scene.inside(&place).await?;
    let mut customer = scene.installation.visitor(&scene.name)?;
    ensure!(
        customer
            .log_in(&format!("ana@{}.example.com", scene.name), PASSWORD)
            .await?,
        "the customer is not in"
    );
    let user: i64 = scene
        .sql("SELECT id::text FROM res_users WHERE login = 'tenantry-support'")
        .await?
        .parse()?;
    // Not even with a password that its administrator gives it.
    let body = json!([[user], { "password": "Quetzal-volando-48" }]);
    call(&mut customer, "res.users", "write", body).await?;
    let mut other = scene.installation.visitor(&scene.name)?;
    ensure!(
        !other.log_in("tenantry-support", "Quetzal-volando-48").await?,
        "in by the form"
    );
    let authenticate = format!(
        "<methodCall><methodName>authenticate</methodName><params><param><string>{}</string></param>\
         <param><string>tenantry-support</string></param><param><string>Quetzal-volando-48</string></param>\
         <param><struct/></param></params></methodCall>",
        scene.name
    );
    let answer = other.post("/xmlrpc/2/common", "text/xml", authenticate).await?;
    ensure!(!answer.text.contains("<int>"), "{}", answer.text);
    let execute = format!(
        "<methodCall><methodName>execute_kw</methodName><params><param><string>{}</string></param>\
         <param><int>{user}</int></param><param><string>Quetzal-volando-48</string></param>\
         <param><string>res.partner</string></param><param><string>search_count</string></param>\
         <param><array><data><value><array><data/></array></value></data></array></param></params></methodCall>",
        scene.name
    );
    let answer = other.post("/xmlrpc/2/object", "text/xml", execute).await?;
    ensure!(answer.text.contains("<fault>"), "{}", answer.text);
    // The customer changed the user's credentials, with which Odoo ends its sessions; a new link lets in all the same.
    drop(staff);
    let staff = scene.inside(&place).await?;
    scene.owner(&format!("{place}/end"), None).await?.expect(200)?;
    ensure!(still_inside(&staff, 6).await? == 0, "still inside");
    scene.api.remove(&scene.name).await
}

#[tokio::test]
async fn a_link_that_is_over_and_a_session_whose_time_is_over_open_nothing() -> Result<()> {
    let scene = Scene::new("late").await?;
    let place = scene.approved().await?;
    let postgres = scene.installation.postgres();
    let (label, token) = scene.link(&place).await?;
    let late = "UPDATE tenantry.entry SET expires_at = now() WHERE used_at IS NULL";
    postgres.run(&scene.name, late).await?;
    let mut visitor = scene.installation.visitor(&label)?;
    ensure!(
        follow(&mut visitor, &token).await? == StatusCode::GONE,
        "in by a link that is over"
    );
    for garbage in ["", "0", &"0".repeat(64), &token.to_uppercase(), "' OR true --"] {
        ensure!(
            follow(&mut visitor, garbage).await? == StatusCode::GONE,
            "{garbage}"
        );
    }
    let (_, token) = scene.link(&place).await?;
    let mut foreign = scene
        .installation
        .visitor(&label)?
        .with_header("Sec-Fetch-Site", "cross-site");
    ensure!(
        follow(&mut foreign, &token).await? == StatusCode::FORBIDDEN,
        "posted by another page"
    );
    let staff = scene.inside(&place).await?;
    // The access's time is over, and nobody told the node.
    let over = "UPDATE tenantry.entry SET ends_at = now() WHERE used_at IS NOT NULL";
    postgres.run(&scene.name, over).await?;
    ensure!(still_inside(&staff, 12).await? == 0, "inside after the time");
    scene.api.remove(&scene.name).await
}

#[tokio::test]
async fn an_access_outlives_a_suspension_but_no_deletion_and_holds_in_no_copy() -> Result<()> {
    let scene = Scene::new("moves").await?;
    let place = scene.approved().await?;
    let mut staff = scene.inside(&place).await?;
    let suspend = json!({ "reason": "unpaid", "form": "back-office" });
    scene
        .api
        .ask(Method::POST, &scene.path("suspend"), Some(&suspend))
        .await?
        .expect(200)?;
    let closed = staff.get("/tenantry/enter").await?;
    ensure!(closed.status == StatusCode::PAYMENT_REQUIRED, "{}", closed.status);
    let refused = scene
        .api
        .ask(Method::POST, &format!("{place}/enter"), None)
        .await?;
    ensure!(refused.status == StatusCode::CONFLICT, "{}", refused.body);
    scene
        .api
        .ask(Method::POST, &scene.path("resume"), Some(&json!({})))
        .await?
        .expect(200)?;
    ensure!(staff.is_inside().await?, "a suspension ended it");
    // A copy under another name has the row, and lets nobody in.
    let (_, token) = scene.link(&place).await?;
    let copy = unique("copy_of_");
    let postgres = scene.installation.postgres();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE datname = '{}'",
        scene.name
    );
    let make = format!("CREATE DATABASE {copy} TEMPLATE {} OWNER odoo", scene.name);
    eventually(Duration::from_secs(20), "a copy is made", || async {
        let _ = postgres.text("postgres", &end).await;
        postgres.run("postgres", &make).await.is_ok()
    })
    .await?;
    let mut thief = scene.installation.visitor_behind_edge(&copy)?;
    ensure!(
        follow(&mut thief, &token).await? == StatusCode::GONE,
        "in by a copy"
    );
    let drop_copy = format!("DROP DATABASE {copy} WITH (FORCE)");
    postgres.run("postgres", &drop_copy).await?;
    // Under its new name it is entered anew; the old session stays behind.
    let renamed = unique("moved");
    let body = json!({ "subdomain": renamed });
    let path = format!("/api/tenants/{}", scene.name);
    scene
        .api
        .ask(Method::PATCH, &path, Some(&body))
        .await?
        .expect(200)?;
    let place = place.replace(&scene.name, &renamed);
    ensure!(
        !staff.at(&renamed).is_inside().await?,
        "the old session moved along"
    );
    let mut staff = scene.inside(&place).await?;
    let path = format!("/api/tenants/{renamed}?confirm={renamed}");
    scene.api.ask(Method::DELETE, &path, None).await?.expect(200)?;
    let path = format!("/api/tenants/{renamed}/undelete");
    let back = || scene.api.ask(Method::POST, &path, Some(&Value::Null));
    eventually(Duration::from_secs(30), "it comes back", || async {
        matches!(back().await, Ok(answer) if answer.status == StatusCode::OK)
    })
    .await?;
    ensure!(!staff.is_inside().await?, "the session came back with the tenant");
    let user = "SELECT active::text FROM res_users WHERE login = 'tenantry-support'";
    ensure!(
        postgres.text(&renamed, user).await? == "false",
        "the support user came back"
    );
    scene.api.remove(&renamed).await
}

#[tokio::test]
async fn the_customer_opens_odoo_by_one_click_and_staff_does_not() -> Result<()> {
    let scene = Scene::new("click").await?;
    let refused = scene.api.ask(Method::POST, &scene.path("login"), None).await?;
    ensure!(refused.status == StatusCode::FORBIDDEN, "{}", refused.body);
    let answer = scene.owner(&scene.path("login"), None).await?.expect(200)?;
    let (label, token) = parts(answer.text("url"))?;
    let mut owner = scene.installation.visitor(&label)?;
    ensure!(
        follow(&mut owner, &token).await? == StatusCode::SEE_OTHER,
        "not let in"
    );
    let me = call(&mut owner, "res.users", "context_get", json!([])).await?;
    ensure!(me["uid"] == 2 && owner.is_inside().await?, "{me}");
    ensure!(
        follow(&mut owner, &token).await? == StatusCode::GONE,
        "it worked twice"
    );
    let users = scene
        .sql("SELECT count(*)::text FROM res_users WHERE login = 'tenantry-support'")
        .await?;
    ensure!(users == "0", "a support user was made");
    scene
        .api
        .ask(Method::POST, &scene.path("suspend"), Some(&json!({})))
        .await?
        .expect(200)?;
    let shut = scene.owner(&scene.path("login"), None).await?;
    ensure!(shut.status == StatusCode::CONFLICT, "{}", shut.body);
    scene.api.remove(&scene.name).await
}
