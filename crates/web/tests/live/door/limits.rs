//! How many requests are taken.

use super::read;
use crate::app::answer::Answer;
use crate::app::{App, Outcome};
use reqwest::Method;
use serde_json::json;
use testkit::{CONTROL, TestCluster};
use web::DoorSettings;

#[tokio::test]
async fn an_address_gets_so_many_requests_a_minute_and_is_told_when_to_come_again() -> Outcome {
    let app = App::behind_a_proxy().await?;
    app.put_value("limits.per_address", json!(5)).await?;
    for left in (0..5).rev() {
        let answer = read(&app, "192.0.2.1", "/api/tenants").await?;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("ratelimit-policy"),
            "\"address\";q=5;w=60, \"key\";q=12000;w=60"
        );
        assert!(
            answer
                .header("ratelimit")
                .starts_with(&format!("\"address\";r={left};t="))
        );
    }
    let refused = read(&app, "192.0.2.1", "/api/tenants").await?;
    let after: u64 = refused.header("retry-after").parse()?;
    assert!((1..=12).contains(&after), "{after}");
    assert!(refused.header("ratelimit").starts_with("\"address\";r=0;t="));
    refused.problem(429, "too-many-requests")?;
    // A neighbour is not meant, and neither are signs of life.
    read(&app, "192.0.2.2", "/api/tenants").await?.expect(200)?;
    for _ in 0..20 {
        read(&app, "192.0.2.1", "/health").await?.expect(200)?;
    }
    app.finish().await
}

#[tokio::test]
async fn a_header_that_the_client_wrote_gives_no_fresh_allowance() -> Outcome {
    let app = App::behind_a_proxy().await?;
    app.put_value("limits.per_address", json!(5)).await?;
    let mut served = 0;
    for number in 0..20 {
        // The proxy adds whom it saw; what stands before that came with the request.
        let said = format!("198.51.100.{number}, 192.0.2.1");
        served += usize::from(read(&app, &said, "/api/tenants").await?.status == 200);
    }
    assert_eq!(served, 5);
    app.finish().await
}

#[tokio::test]
async fn a_key_gets_so_many_requests_a_minute_from_wherever_it_comes() -> Outcome {
    let app = App::behind_a_proxy().await?;
    app.put_value("limits.per_key", json!(5)).await?;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let address = format!("192.0.2.{number}");
        statuses.push(read(&app, &address, "/api/tenants").await?.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    let reader = app
        .bare(Method::GET, "/api/tenants")
        .header("x-api-key", &app.reader);
    Answer::of(reader.header("x-forwarded-for", "192.0.2.9"))
        .await?
        .expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn without_room_the_answer_says_when_to_come_again() -> Outcome {
    let door = DoorSettings {
        requests: 0,
        ..DoorSettings::default()
    };
    let app = App::with_door(TestCluster::of(CONTROL).await?, door).await?;
    let refused = app.get("/api/tenants").await?;
    assert_eq!(refused.header("retry-after"), "1");
    refused.problem(503, "overloaded")?;
    app.get("/health").await?.expect(200)?;
    app.finish().await
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() -> Outcome {
    let door = DoorSettings {
        connections: 1,
        ..DoorSettings::default()
    };
    let app = App::with_door(TestCluster::of(CONTROL).await?, door).await?;
    // The client keeps its connection for the next request.
    app.get("/health").await?.expect(200)?;
    let other = reqwest::Client::builder().no_proxy().build()?;
    let answer = Answer::of(other.get(format!("{}/health", app.base))).await?;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "1"));
    assert_eq!(answer.json["type"], "/problems/overloaded");
    app.get("/health").await?.expect(200)?;
    app.finish().await
}
