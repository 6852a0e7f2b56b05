//! Somebody who lost everything: an owner helps, and the owner's link helps owners.

use crate::app::answer::Answer;
use crate::app::people::PASSWORD;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_owner_takes_somebody_s_factors_away_and_their_sessions_end() -> Outcome {
    let app = App::start().await?;
    let (owner, admin) = (app.staff("owner").await?, app.staff("admin").await?);
    let eva = app.staff("viewer").await?;
    app.enrol_phone(&eva).await?;
    app.enrol_passkey(&eva, "Laptop").await?;
    let path = format!("/api/people/{}/second-factors", eva.email);
    Answer::of(app.by(&admin, Method::DELETE, &path))
        .await?
        .problem(403, "forbidden")?;
    Answer::of(app.by(&eva, Method::DELETE, &path))
        .await?
        .problem(403, "forbidden")?;
    let asked = app.first_step(&eva.email).await?;
    Answer::of(app.by(&owner, Method::DELETE, &path))
        .await?
        .expect(204)?;
    Answer::of(app.by(&eva, Method::GET, "/api/auth/me"))
        .await?
        .problem(401, "unauthenticated")?;
    app.second_step(&asked["challenge"], "totp_code", &json!("000000"))
        .await?
        .problem(410, "challenge-over")?;
    let entered = app.log_in(&eva.email, None).await?.expect(200)?;
    assert_eq!(entered["requires_totp"], json!(false));
    assert_eq!(
        app.trail("factor.reset").await?,
        [format!("{} {}", owner.id, eva.id)]
    );
    Answer::of(app.by(&owner, Method::DELETE, &path))
        .await?
        .problem(409, "second-factor-missing")?;
    app.finish().await
}

#[tokio::test]
async fn the_owner_s_link_is_the_way_back_for_an_owner_who_lost_them() -> Outcome {
    let app = App::start().await?;
    let owner = app.staff("owner").await?;
    app.enrol_phone(&owner).await?;
    let link = app.control.owner_link().await?;
    let token = link.split_once('#').ok_or("no token")?.1.to_owned();
    let body = json!({ "token": token, "email": owner.email, "new_password": PASSWORD });
    Answer::of(app.bare(Method::POST, "/welcome").json(&body))
        .await?
        .expect(201)?;
    let entered = app.log_in(&owner.email, None).await?.expect(200)?;
    assert_eq!(entered["requires_totp"], json!(false));
    app.finish().await
}

#[tokio::test]
async fn another_password_by_a_link_takes_no_factor_away() -> Outcome {
    let app = App::start().await?;
    let eva = app.staff("viewer").await?;
    let phone = app.enrol_phone(&eva).await?;
    let path = format!("/api/people/{}/reset", eva.id);
    let link = app.post(&path, &json!({})).await?.expect(201)?;
    let answer = app.follow(&link).await?;
    assert!(!answer.headers.contains_key("set-cookie"));
    answer.expect(200)?;
    let asked = app.first_step(&eva.email).await?;
    let code = json!(phone.code(&app, 1)?);
    app.second_step(&asked["challenge"], "totp_code", &code)
        .await?
        .expect(200)?;
    app.finish().await
}
