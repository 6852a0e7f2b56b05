//! Guessing passwords: the same answer for all that is wrong, and not many of them.

use crate::app::answer::Answer;
use crate::app::people::PASSWORD;
use crate::app::{App, Outcome};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn try_to(app: &App, email: &str, password: &str, forwarded: &str) -> Outcome<Answer> {
    let body = json!({ "email": email, "password": password });
    let request = app
        .bare(Method::POST, "/api/auth/login")
        .header("x-forwarded-for", forwarded);
    Answer::of(request.json(&body)).await
}

/// What an answer says, without what is different in every answer.
fn said(answer: Value) -> String {
    let mut answer = answer;
    answer["request_id"] = Value::Null;
    answer.to_string()
}

#[tokio::test]
async fn unknown_and_wrong_and_shut_out_are_one_answer() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let eva = app.staff("viewer").await?;
    let path = format!("/api/people/{}", eva.id);
    Answer::of(
        app.request(Method::PATCH, &path)
            .json(&json!({ "state": "disabled" })),
    )
    .await?
    .expect(200)?;
    let unknown = said(
        try_to(&app, "nobody@example.com", PASSWORD, "")
            .await?
            .problem(401, "credentials")?,
    );
    for (email, password) in [
        (ana.email.as_str(), "Wrong-wrong-1"),
        (eva.email.as_str(), PASSWORD),
        ("no address at all", PASSWORD),
        ("a\0b@example.com", PASSWORD),
        ("' OR 1=1 --@example.com", PASSWORD),
    ] {
        let wrong = try_to(&app, email, password, "")
            .await?
            .problem(401, "credentials")?;
        assert_eq!(said(wrong), unknown, "{email}");
    }
    // The staff does not come in by the customers' door, which answers no differently.
    let body = json!({ "email": ana.email, "password": PASSWORD, "role": "tenant" });
    let answer = Answer::of(app.bare(Method::POST, "/api/auth/login").json(&body)).await?;
    assert_eq!(said(answer.problem(401, "credentials")?), unknown);
    app.finish().await
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    #[expect(
        clippy::disallowed_methods,
        reason = "what a stopwatch outside would show is what is tested"
    )]
    for round in 0..12 {
        for (which, email) in [(0, ana.email.clone()), (1, format!("nobody{round}@example.com"))] {
            let began = Instant::now();
            try_to(&app, &email, "Wrong-wrong-1", "")
                .await?
                .problem(401, "credentials")?;
            times[which].push(began.elapsed());
        }
        // So that no limit is met.
        app.world.advance(SignedDuration::from_mins(16));
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let [mut known, mut unknown] = times;
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    // Without the hash of nobody it would be a tenth.
    assert!(
        (0.3..3.0).contains(&(unknown / known)),
        "{unknown} beside {known}"
    );
    app.finish().await
}

#[tokio::test]
async fn a_flood_with_changing_forwarded_addresses_meets_the_limit() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    let attempts = (0..40).map(|n| {
        let (app, email) = (&app, ana.email.as_str());
        async move { try_to(app, email, "Wrong-wrong-1", &format!("203.0.113.{n}")).await }
    });
    let mut looked_at = 0;
    for answer in futures_util::future::try_join_all(attempts).await? {
        match answer.status.as_u16() {
            401 => looked_at += 1,
            _ => {
                let wait: u64 = answer.header("retry-after").parse()?;
                assert!((1..=901).contains(&wait), "{wait}");
                answer.problem(429, "too-many-attempts")?;
            }
        }
    }
    // Of those that come at once each counts the others, so that it may be none.
    assert!(looked_at <= 5, "{looked_at}");
    // A flood leaves no more rows than were looked at; one more is the sign-in of the test's own.
    let rows = app.database.count("SELECT count(*) FROM sign_in_attempt").await?;
    assert_eq!(rows, i64::from(looked_at) + 1);
    for n in looked_at..5 {
        try_to(&app, &ana.email, "Wrong-wrong-1", &format!("192.0.2.{n}"))
            .await?
            .problem(401, "credentials")?;
    }
    // The right password does not help either, until the time is over.
    try_to(&app, &ana.email, PASSWORD, "198.51.100.7")
        .await?
        .problem(429, "too-many-attempts")?;
    let trail = app.trail("session.refused").await?;
    assert!(
        trail.iter().any(|line| line == &format!("nobody {}", ana.id)) && trail.len() <= 3,
        "{trail:?}"
    );
    app.world.advance(SignedDuration::from_mins(16));
    try_to(&app, &ana.email, PASSWORD, "").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn many_accounts_from_one_address_meet_a_limit_too() -> Outcome {
    let app = App::start().await?;
    for n in 0..30 {
        try_to(&app, &format!("somebody{n}@example.com"), "Wrong-wrong-1", "")
            .await?
            .problem(401, "credentials")?;
    }
    let status = app.get("/api/auth/rate-limit/status").await?.expect(200)?;
    assert_eq!(
        status,
        json!({ "blocked": true, "max_requests": 5, "window_seconds": 900 })
    );
    try_to(&app, "another@example.com", "Wrong-wrong-1", "")
        .await?
        .problem(429, "too-many-attempts")?;
    app.finish().await
}

#[tokio::test]
async fn the_right_password_forgives_and_the_history_still_shows() -> Outcome {
    let app = App::start().await?;
    let ana = app.staff("admin").await?;
    for _ in 0..3 {
        for _ in 0..4 {
            try_to(&app, &ana.email, "Wrong-wrong-1", "")
                .await?
                .problem(401, "credentials")?;
        }
        try_to(&app, &ana.email, PASSWORD, "").await?.expect(200)?;
    }
    let history = Answer::of(app.by(&ana, Method::GET, "/api/auth/history"))
        .await?
        .expect(200)?;
    let outcomes: Vec<&str> = history["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["outcome"].as_str())
        .collect();
    assert_eq!(
        outcomes.iter().filter(|outcome| **outcome == "failed").count(),
        12
    );
    assert_eq!(
        outcomes.iter().filter(|outcome| **outcome == "succeeded").count(),
        4
    );
    // Nothing of what was typed is kept.
    let dump = app.database.dump().await?;
    assert!(!dump.contains("Wrong-wrong-1"));
    app.finish().await
}
