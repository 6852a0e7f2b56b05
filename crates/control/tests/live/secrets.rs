//! Secrets at rest: each names its key, and both kinds of key can be exchanged while servers run.

use crate::{Outcome, Plane, server};
use control::{Caller, Control, Reencrypt, Rotation, ServerKey, Settings, World};
use serde_json::json;
use store::Store;
use wire::Plaintext;
use wire::node::{Order, Poll};

const PASSWORD: &str = "Quetzal-volando-47";

/// A server with this key.
fn with_key(plane: &Plane, key: ServerKey) -> Outcome<Control> {
    let store = Store::open(plane.url.as_str(), 4)?;
    let settings = Settings::with_panel("https://panel.example.com")?;
    Ok(Control::new(store, key, settings, World::from_seed(9)))
}

fn key(byte: u8) -> ServerKey {
    ServerKey::from_bytes([byte; 32])
}

/// Orders a tenant with a password, at this server.
async fn order(control: &Control, name: &str) -> Outcome {
    let request = json!({ "company_name": "Acme", "admin_email": "ana@example.com", "subdomain": name, "plan": "basic",
        "admin_password": PASSWORD });
    let request = serde_json::from_value(request)?;
    control
        .create_tenant(&Caller::system(), request, control::Registration::Complete)
        .await?;
    Ok(())
}

/// The passwords that the node gets from this server.
async fn passwords(control: &Control, plane: &Plane) -> Outcome<Vec<String>> {
    let poll = Poll {
        holding: String::new(),
        slots: 32,
        wait: 0,
        version: "1".to_owned(),
    };
    let commands = control.poll_commands(plane.node, &poll).await?;
    let passwords = commands.into_iter().filter_map(|command| match command.order {
        Order::CreateTenant(create) => create.admin_password,
        _ => None,
    });
    Ok(passwords
        .map(|password: Plaintext| password.expose().to_owned())
        .collect())
}

/// Which keys the orders' secrets name.
async fn named(plane: &Plane) -> Outcome<Vec<String>> {
    let query = "SELECT encode(substr(sealed, 5, 16), 'hex')::uuid::text FROM node_command
                 WHERE sealed IS NOT NULL AND substr(sealed, 1, 4) = 'TNK1'::bytea ORDER BY created_at";
    plane.texts(query).await
}

async fn in_use(plane: &Plane) -> Outcome<Vec<String>> {
    plane
        .texts("SELECT id::text FROM data_key WHERE retired_at IS NULL")
        .await
}

#[tokio::test]
async fn servers_that_start_together_share_one_key_and_every_secret_names_it() -> Outcome {
    let plane = Plane::start().await?;
    let (other, _) = server(&plane.url, 2)?;
    let (here, there) = tokio::join!(plane.control.open_keys(), other.open_keys());
    here?;
    there?;
    order(&plane.control, "acme").await?;
    order(&other, "bolt").await?;
    let keys = in_use(&plane).await?;
    assert_eq!(
        (keys.len(), named(&plane).await?),
        (1, [keys.clone(), keys].concat())
    );
    assert_eq!(passwords(&other, &plane).await?, [PASSWORD, PASSWORD]);
    Ok(())
}

#[tokio::test]
async fn a_new_key_is_used_by_everybody_and_the_old_one_opens_what_it_sealed() -> Outcome {
    let plane = Plane::start().await?;
    plane.control.open_keys().await?;
    let (other, _) = server(&plane.url, 2)?;
    other.open_keys().await?;
    order(&plane.control, "acme").await?;
    let before = named(&plane).await?;
    let rotation = other.rotate_keys(&Caller::system(), Reencrypt::Leave).await?;
    // The key by which nodes know the server was sealed before any was opened.
    let nothing_but_that = Rotation {
        direct: 1,
        ..Rotation::default()
    };
    assert_eq!(rotation, nothing_but_that);
    assert_eq!(named(&plane).await?, before);
    order(&other, "bolt").await?;
    // The first server has not looked since, and opens both.
    assert_eq!(passwords(&plane.control, &plane).await?, [PASSWORD, PASSWORD]);
    order(&plane.control, "coral").await?;
    let now = in_use(&plane).await?;
    assert_eq!(
        named(&plane).await?.get(1..),
        Some(&[now[0].clone(), now[0].clone()][..])
    );
    Ok(())
}

#[tokio::test]
async fn everything_is_sealed_anew_on_demand_and_old_keys_are_forgotten_in_the_end() -> Outcome {
    let plane = Plane::start().await?;
    plane.control.open_keys().await?;
    order(&plane.control, "acme").await?;
    let sealed = "SELECT encode(sealed, 'hex') FROM node_command WHERE sealed IS NOT NULL";
    let before = plane.texts(sealed).await?;
    let system = Caller::system();
    let rotation = plane.control.rotate_keys(&system, Reencrypt::All).await?;
    assert_eq!(
        (rotation.resealed, rotation.forgotten, rotation.unreadable),
        (2, 0, 0)
    );
    assert_ne!(plane.texts(sealed).await?, before);
    assert_eq!(named(&plane).await?, in_use(&plane).await?);
    assert_eq!(passwords(&plane.control, &plane).await?, [PASSWORD]);
    plane.world.advance(jiff::SignedDuration::from_hours(2));
    let rotation = plane.control.rotate_keys(&system, Reencrypt::All).await?;
    assert_eq!((rotation.resealed, rotation.forgotten), (2, 1));
    assert_eq!(passwords(&plane.control, &plane).await?, [PASSWORD]);
    let audit = "SELECT detail ->> 'resealed' FROM audit_entry WHERE action = 'secrets.rotate'";
    assert_eq!(plane.texts(audit).await?, ["2", "2"]);
    Ok(())
}

#[tokio::test]
async fn the_server_s_own_key_is_exchanged_without_losing_a_secret() -> Outcome {
    let plane = Plane::start().await?;
    plane.control.open_keys().await?;
    order(&plane.control, "acme").await?;
    // Another key opens nothing, and says which one would.
    let stranger = with_key(&plane, key(8))?;
    let refused = stranger.open_keys().await.err().ok_or("it opened")?;
    let reason = std::error::Error::source(&refused)
        .ok_or("no reason")?
        .to_string();
    assert!(
        reason.contains("previous key") && reason.contains("secrets rotate"),
        "{reason}"
    );
    // Together with the old one it opens everything, and takes it over.
    let heir = with_key(&plane, key(8).with_former(vec![key(7)]))?;
    heir.open_keys().await?;
    assert_eq!(passwords(&heir, &plane).await?, [PASSWORD]);
    let rotation = heir.rotate_keys(&Caller::system(), Reencrypt::All).await?;
    assert_eq!(
        (rotation.rewrapped, rotation.resealed, rotation.direct),
        (1, 2, 0)
    );
    // From then on the old one is not needed any more, and of no use.
    let alone = with_key(&plane, key(8))?;
    alone.open_keys().await?;
    assert_eq!(passwords(&alone, &plane).await?, [PASSWORD]);
    assert!(with_key(&plane, key(7))?.open_keys().await.is_err());
    Ok(())
}

#[tokio::test]
async fn what_was_sealed_before_there_were_keys_in_the_database_is_counted_until_it_is_sealed_anew() -> Outcome
{
    let plane = Plane::start().await?;
    // No keys are opened, so the server's own key seals.
    order(&plane.control, "acme").await?;
    let system = Caller::system();
    assert_eq!(
        plane.control.rotate_keys(&system, Reencrypt::Leave).await?.direct,
        2
    );
    let rotation = plane.control.rotate_keys(&system, Reencrypt::All).await?;
    assert_eq!((rotation.resealed, rotation.direct), (2, 0));
    assert_eq!(passwords(&plane.control, &plane).await?, [PASSWORD]);
    Ok(())
}

#[tokio::test]
async fn a_secret_that_no_key_opens_is_counted_and_left() -> Outcome {
    let plane = Plane::start().await?;
    plane.control.open_keys().await?;
    order(&plane.control, "acme").await?;
    sqlx::query("UPDATE node_command SET sealed = set_byte(sealed, 50, get_byte(sealed, 50) # 1) WHERE sealed IS NOT NULL")
        .execute(&plane.pool)
        .await?;
    let rotation = plane
        .control
        .rotate_keys(&Caller::system(), Reencrypt::All)
        .await?;
    assert_eq!((rotation.resealed, rotation.unreadable), (1, 1));
    Ok(())
}
