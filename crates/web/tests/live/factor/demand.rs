//! Who must have a second factor: they set one up and do nothing else.

use crate::app::answer::Answer;
use crate::app::people::Person;
use crate::app::{App, Outcome};
use crate::routes::table::{Access, ORGANIZATION, table};
use reqwest::Method;
use serde_json::json;

/// What is left to somebody who has none.
const LEFT: [&str; 13] = [
    "/api/auth/me",
    "/api/auth/2fa/status",
    "/api/auth/2fa/setup",
    "/api/auth/2fa/verify",
    "/api/auth/2fa/disable",
    "/api/auth/2fa/backup-codes/regenerate",
    "/api/auth/passkeys",
    "/api/auth/passkeys/options",
    "/api/auth/passkeys/{passkey}",
    "/api/auth/step-up",
    "/api/auth/step-up/options",
    "/api/auth/logout/all",
    // The document of the API says nothing of anybody.
    "/api/openapi.json",
];

/// Everything but what is left is refused to them, by the kind that says why.
async fn does_nothing_else(app: &App, person: &Person, organization: &str) -> Outcome {
    for route in table() {
        if !matches!(route.access, Access::May(_) | Access::Person) || LEFT.contains(&route.pattern) {
            continue;
        }
        let place = format!("{} {}", route.method, route.pattern);
        let path = route.path.replace(ORGANIZATION, organization);
        let request = app.by(person, route.method.clone(), &path);
        let request = match &route.body {
            Some(body) => request.json(body),
            None => request,
        };
        Answer::of(request)
            .await?
            .problem(403, "second-factor-required")
            .map_err(|e| format!("{place}: {e}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_member_of_an_organization_that_wants_it_does_nothing_else_before() -> Outcome {
    let app = App::start().await?;
    let organization = app.organization("Acme").await?;
    let head = app.member(&organization, "owner").await?;
    let member = app.member(&organization, "member").await?;
    let path = format!("/api/organizations/{organization}/second-factor");
    let demand = json!({ "required": true });
    app.asked(&member, Method::PUT, &path, &demand)
        .await?
        .problem(403, "forbidden")?;
    app.asked(&head, Method::PUT, &path, &json!({}))
        .await?
        .refuses("required")?;
    let shown = app.asked(&head, Method::PUT, &path, &demand).await?.expect(200)?;
    assert_eq!(shown["requires_second_factor"], json!(true));
    assert_eq!(app.trail("organization.second-factor").await?.len(), 1);
    // At once, in the sessions that there are, the head's own as well.
    does_nothing_else(&app, &member, &organization).await?;
    does_nothing_else(&app, &head, &organization).await?;
    let me = app.look(&member, "/api/auth/me").await?;
    assert_eq!(
        (&me["requires_setup"], &me["memberships"]),
        (&json!(true), &json!([]))
    );
    let entered = app.log_in(&member.email, None).await?.expect(200)?;
    assert_eq!(
        (&entered["requires_setup"], &entered["redirect_url"]),
        (&json!(true), &json!("/account/second-factor"))
    );
    assert!(!app.trail("refused.factor").await?.is_empty());
    // With one they are who they were, and the last one stays.
    let phone = app.enrol_phone(&member).await?;
    let me = app.look(&member, "/api/auth/me").await?;
    assert_eq!(me["requires_setup"], json!(false));
    app.look(&member, &format!("/api/organizations/{organization}"))
        .await?;
    let code = json!({ "code": phone.code(&app, 1)? });
    app.asked(&member, Method::POST, "/api/auth/2fa/disable", &code)
        .await?
        .problem(409, "second-factor-wanted")?;
    assert_eq!(
        app.look(&member, "/api/auth/2fa/status").await?["enabled"],
        json!(true)
    );
    app.finish().await
}

#[tokio::test]
async fn members_of_other_organizations_and_keys_are_not_concerned() -> Outcome {
    let app = App::start().await?;
    let (own, other) = (app.organization("Acme").await?, app.organization("Beta").await?);
    let stranger = app.member(&other, "owner").await?;
    let made = json!({ "name": "robot", "role": "organization:admin", "organizations": [own] });
    let key = app.post("/api/keys", &made).await?;
    let path = format!("/api/organizations/{own}/second-factor");
    app.put(&path, &json!({ "required": true })).await?.expect(200)?;
    app.look(&stranger, &format!("/api/organizations/{other}"))
        .await?;
    if key.status == 201 {
        let key = key.expect(201)?;
        let shown = app
            .bare(Method::GET, &format!("/api/organizations/{own}"))
            .header("x-api-key", key["key"].as_str().unwrap_or_default());
        Answer::of(shown).await?.expect(200)?;
    }
    app.get("/api/people").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn an_owner_who_demands_it_of_the_staff_sets_one_up_and_goes_on() -> Outcome {
    let app = App::start().await?;
    let owner = app.staff("owner").await?;
    let body = json!({ "value": "required" });
    app.asked(&owner, Method::PUT, "/api/settings/factor.staff", &body)
        .await?
        .expect(200)?;
    app.control.look_again().await?;
    let looked = Answer::of(app.by(&owner, Method::GET, "/api/people")).await?;
    looked.problem(403, "second-factor-required")?;
    let organization = app.organization("Acme").await?;
    let customer = app.member(&organization, "owner").await?;
    app.look(&customer, "/api/organizations").await?;
    let (added, _) = app.enrol_passkey(&owner, "Laptop").await?;
    assert_eq!(added["backup_codes"].as_array().map(Vec::len), Some(10));
    app.look(&owner, "/api/people").await?;
    let path = format!(
        "/api/auth/passkeys/{}",
        added["passkey"]["id"].as_str().unwrap_or_default()
    );
    Answer::of(app.by(&owner, Method::DELETE, &path))
        .await?
        .problem(409, "second-factor-wanted")?;
    app.finish().await
}

#[tokio::test]
async fn by_default_nothing_is_demanded() -> Outcome {
    let app = App::start().await?;
    let owner = app.staff("owner").await?;
    assert_eq!(
        app.look(&owner, "/api/auth/2fa/status").await?["required"],
        json!(false)
    );
    app.look(&owner, "/api/people").await?;
    let shown = app.get("/api/settings/factor.staff").await?.expect(200)?;
    assert_eq!(shown["value"], json!("optional"));
    app.finish().await
}
