//! Commands on their way to a node, and outcomes on their way back.

use crate::app::answer::Answer;
use crate::app::node::step;
use crate::app::{App, Outcome, new_tenant};
use reqwest::Method;
use wire::node::{CommandResult, Facts};
use wire::operation::Failure;

#[tokio::test]
async fn a_node_cannot_touch_the_commands_of_another() -> Outcome {
    let app = App::start().await?;
    let alpha = app.node_with_template("alpha").await?;
    let beta = app.enrol("beta").await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    assert!(beta.poll(&[], 8, 0).await?.is_empty());
    let command = alpha.next().await?;
    let before = app.database.dump().await?;
    beta.outcome(command.id, CommandResult::Done(Facts::default()))
        .await?
        .problem(404, "not-found")?;
    beta.progress(command.id, &[step("clone", "running")?])
        .await?
        .problem(404, "not-found")?;
    let nobody = "cmd_00000000000000000000000000000001".parse()?;
    alpha
        .outcome(nobody, CommandResult::Done(Facts::default()))
        .await?
        .problem(404, "not-found")?;
    app.database.still(&before).await?;
    alpha.done(&command).await?;
    app.finish().await
}

#[tokio::test]
async fn a_command_is_delivered_again_unless_the_node_holds_it() -> Outcome {
    let (app, node) = App::with_node().await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let command = node.next().await?;
    assert!(node.poll(&[command.id], 8, 0).await?.is_empty());
    let again = node.poll(&[], 8, 0).await?;
    // The same order with its secret, so that a node that lost it can do it.
    assert_eq!(serde_json::to_value(&again)?, serde_json::to_value([&command])?);
    app.at_once(Method::POST, "/api/tenants", &new_tenant("other"))
        .await?
        .expect(202)?;
    let other = node.poll(&[command.id], 8, 5).await?;
    assert_eq!(other.len(), 1);
    assert_ne!(other[0].id, command.id);
    node.done(&command).await?;
    node.done(&other[0]).await?;
    assert!(node.poll(&[], 8, 0).await?.is_empty());
    app.finish().await
}

#[tokio::test]
async fn commands_come_oldest_first_and_no_more_than_asked_for() -> Outcome {
    let (app, node) = App::with_node().await?;
    for name in ["one", "two", "three"] {
        app.at_once(Method::POST, "/api/tenants", &new_tenant(name))
            .await?
            .expect(202)?;
    }
    assert!(node.poll(&[], 0, 0).await?.is_empty());
    let mut held = Vec::new();
    for name in ["one", "two", "three"] {
        let commands = node.poll(&held, 1, 0).await?;
        assert_eq!(commands.len(), 1);
        assert!(serde_json::to_string(&commands)?.contains(&format!("\"database\":\"{name}\"")));
        held.push(commands[0].id);
        node.done(&commands[0]).await?;
    }
    app.finish().await
}

#[tokio::test]
async fn an_outcome_that_comes_twice_or_late_changes_nothing() -> Outcome {
    let (app, node) = App::with_node().await?;
    let accepted = app
        .at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let command = node.next().await?;
    node.done(&command).await?;
    let before = app.database.dump().await?;
    node.done(&command).await?;
    node.failed(&command, "clone-failed").await?;
    node.progress(command.id, &[step("clone", "running")?])
        .await?
        .expect(204)?;
    app.database.still(&before).await?;
    let operation = app
        .ended(accepted["operation_id"].as_str().unwrap_or_default())
        .await?;
    assert_eq!(operation["state"], "succeeded");
    app.finish().await
}

#[tokio::test]
async fn of_twenty_outcomes_at_once_one_counts() -> Outcome {
    let (app, node) = App::with_node().await?;
    app.at_once(Method::POST, "/api/tenants", &new_tenant("acme"))
        .await?
        .expect(202)?;
    let command = node.next().await?;
    let outcomes = (0..20).map(|number| {
        let failure = Failure {
            code: "clone-failed".to_owned(),
            detail: "It failed.".to_owned(),
        };
        let result = if number % 2 == 0 {
            CommandResult::Done(Facts::default())
        } else {
            CommandResult::Failed(failure)
        };
        node.outcome(command.id, result)
    });
    for answer in futures_util::future::try_join_all(outcomes).await? {
        answer.expect(204)?;
    }
    let ends = "SELECT count(*) FROM audit_entry WHERE action LIKE 'tenant.create.%'";
    assert_eq!(app.database.count(ends).await?, 1);
    app.finish().await
}

#[tokio::test]
async fn what_a_node_holds_must_be_commands() -> Outcome {
    let app = App::start().await?;
    let node = app.enrol("alpha").await?;
    for (query, field) in [
        ("holding=x&slots=1&wait=0&version=1", "holding"),
        ("slots=1&wait=0", "version"),
        ("nonsense=1", "nonsense"),
    ] {
        let answer = Answer::of(node.request(Method::GET, &format!("/node/v1/commands?{query}"))).await?;
        answer.refuses(field).map_err(|e| format!("{query}: {e}"))?;
    }
    app.finish().await
}
