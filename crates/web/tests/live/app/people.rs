//! People in a test: invited, joined and signed in as they do it.

use super::answer::Answer;
use super::{App, Outcome};
use domain::Role;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Everybody's password.
pub const PASSWORD: &str = "Quetzal-volando-47";

/// Somebody who is signed in as a program is, with their tokens in hand.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub access: String,
    pub refresh: String,
    pub csrf: String,
}

impl Person {
    /// Somebody by the tokens of an answer.
    pub fn of(email: &str, answer: &Value) -> Outcome<Self> {
        let text = |field: &str| {
            answer[field]
                .as_str()
                .map(ToOwned::to_owned)
                .ok_or("a field is missing")
        };
        Ok(Self {
            id: text("user_id")?,
            email: email.to_owned(),
            access: text("access_token")?,
            refresh: text("refresh_token")?,
            csrf: text("csrf_token")?,
        })
    }
}

/// The cookies that an answer set, as a browser sends them back.
pub fn cookies(headers: &HeaderMap) -> String {
    let set = headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let pairs: Vec<&str> = set.filter_map(|line| line.split(';').next()).collect();
    pairs.join("; ")
}

impl App {
    /// Follows a link that was handed over.
    pub async fn follow(&self, answer: &Value) -> Outcome<Answer> {
        let link = answer["link"].as_str().ok_or("no link")?;
        let (_, token) = link.split_once('#').ok_or("no token")?;
        let body = json!({ "token": token, "new_password": PASSWORD });
        Answer::of(self.bare(Method::POST, "/api/auth/link").json(&body)).await
    }

    /// Somebody of the staff, signed in.
    pub async fn staff(&self, role: &str) -> Outcome<Person> {
        let email = format!("{role}@staff.example.com");
        let invitation = json!({ "email": email, "role": role });
        let link = self
            .post("/api/people/invitations", &invitation)
            .await?
            .expect(201)?;
        self.follow(&link).await?.expect(200)?;
        self.sign_in(&email).await
    }

    /// An organization; gives its identifier.
    pub async fn organization(&self, name: &str) -> Outcome<String> {
        let made = self
            .post("/api/organizations", &json!({ "name": name }))
            .await?
            .expect(201)?;
        Ok(made["id"].as_str().ok_or("no id")?.to_owned())
    }

    /// A member of an organization, signed in.
    pub async fn member(&self, organization: &str, role: &str) -> Outcome<Person> {
        let email = format!("{role}@{}.example.com", &organization[organization.len() - 8..]);
        let path = format!("/api/organizations/{organization}/invitations");
        let link = self
            .post(&path, &json!({ "email": email, "role": role }))
            .await?
            .expect(201)?;
        self.follow(&link).await?.expect(200)?;
        self.sign_in(&email).await
    }

    /// Somebody of this role, in this organization if it is one of an organization's.
    pub async fn person(&self, role: Role, organization: &str) -> Outcome<Person> {
        match role {
            Role::Staff(role) => self.staff(role.as_str()).await,
            Role::Organization(role) => self.member(organization, role.as_str()).await,
        }
    }

    /// Gives a tenant to an organization.
    pub async fn assign(&self, tenant: &str, organization: &str) -> Outcome {
        let path = format!("/api/tenants/{tenant}/organization");
        let request = self
            .request(Method::PUT, &path)
            .json(&json!({ "organization": organization }));
        Answer::of(request).await?.expect(200)?;
        Ok(())
    }

    /// Signs in as a program does.
    pub async fn sign_in(&self, email: &str) -> Outcome<Person> {
        let body = json!({ "email": email, "password": PASSWORD, "transport": "bearer" });
        let answer = Answer::of(self.bare(Method::POST, "/api/auth/login").json(&body))
            .await?
            .expect(200)?;
        Person::of(email, &answer)
    }

    /// Signs in as a browser does; gives the cookies and the token that changes must repeat.
    pub async fn browse(&self, email: &str) -> Outcome<(String, String)> {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = Answer::of(self.bare(Method::POST, "/api/auth/login").json(&body)).await?;
        let cookies = cookies(&answer.headers);
        let answer = answer.expect(200)?;
        Ok((
            cookies,
            answer["csrf_token"].as_str().ok_or("no token")?.to_owned(),
        ))
    }

    /// A request of somebody who is signed in.
    pub fn by(&self, person: &Person, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&person.access)
    }

    /// What the audit trail says, oldest first: action and subject.
    pub async fn trail(&self, action: &str) -> Outcome<Vec<String>> {
        let query = "SELECT actor || ' ' || subject FROM audit_entry WHERE action = $1 ORDER BY id";
        Ok(sqlx::query_scalar(query)
            .bind(action)
            .fetch_all(&self.database.pool)
            .await?)
    }
}
