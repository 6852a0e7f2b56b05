//! Support access and one-time log-ins: who asks, who decides, who enters, and that it ends.

mod decide;
mod end;
mod enter;
mod login;

use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::worker::Worker;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::{Value, json};

/// Acme's tenant, its owner, and somebody who helps customers.
pub struct Scene {
    pub app: App,
    pub worker: Worker,
    pub organization: String,
    pub owner: Person,
    pub helper: Person,
}

impl Scene {
    pub async fn new() -> Outcome<Self> {
        let (app, worker) = App::with_worker().await?;
        // The clock of these tests jumps by days, and orders for backups would be left open at their ends.
        app.put_value("backup.every_hours", json!(0)).await?;
        app.tenant("acme").await?;
        let organization = app.organization("Acme").await?;
        app.assign("acme", &organization).await?;
        let owner = app.member(&organization, "owner").await?;
        let helper = app.staff("support").await?;
        Ok(Self {
            app,
            worker,
            organization,
            owner,
            helper,
        })
    }

    pub async fn post(&self, person: &Person, path: &str, body: Value) -> Outcome<Answer> {
        Answer::of(self.app.by(person, Method::POST, path).json(&body)).await
    }

    /// Asks for an hour; gives the access.
    pub async fn request(&self, person: &Person) -> Outcome<Answer> {
        let body = json!({ "reason": "ticket 812: the invoice total", "minutes": 60 });
        self.post(person, "/api/tenants/acme/support", body).await
    }

    /// The path of what can be done with an access.
    pub fn path(access: &Value, verb: &str) -> String {
        format!(
            "/api/tenants/acme/support/{}/{verb}",
            access["id"].as_str().unwrap_or_default()
        )
    }

    pub async fn act(&self, person: &Person, access: &Value, verb: &str) -> Outcome<Answer> {
        let body = match verb {
            "approve" | "refuse" => Some(json!({})),
            _ => None,
        };
        let request = self.app.by(person, Method::POST, &Self::path(access, verb));
        Answer::of(match &body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// An access that the owner approved.
    pub async fn approved(&self) -> Outcome<Value> {
        let access = self.request(&self.helper).await?.expect(201)?;
        self.act(&self.owner, &access, "approve").await?.expect(200)
    }

    /// The access as the customer sees it now.
    pub async fn seen(&self, access: &Value) -> Outcome<Value> {
        let request = self.app.by(&self.owner, Method::GET, "/api/tenants/acme/support");
        let list = Answer::of(request).await?.expect(200)?;
        let items = list["items"].as_array().ok_or("no items")?;
        let found = items.iter().find(|item| item["id"] == access["id"]);
        Ok(found.ok_or("the access is not listed")?.clone())
    }

    pub async fn wish(&self, person: &Person, wish: &str) -> Outcome<Answer> {
        let path = format!("/api/organizations/{}/support-access", self.organization);
        let body = json!({ "support_access": wish });
        Answer::of(self.app.by(person, Method::PUT, &path).json(&body)).await
    }

    pub async fn finish(self) -> Outcome {
        drop(self.worker);
        self.app.finish().await
    }
}
