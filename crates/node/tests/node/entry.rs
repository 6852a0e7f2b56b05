//! Entries: who is let in once, what Odoo may do with it, and that it ends.

use crate::adopt_template::adopting;
use crate::place::{Place, command_id, done, failed, run};
use domain::SupportId;
use node::Node;
use uuid::Uuid;
use wire::entry::{EndEntries, EnterTenant, Visitor};
use wire::node::{CreateTenant, DeleteTenant, Order, Service, SuspendTenant, UndeleteTenant};

/// The support user, inside, with whatever could log it in.
pub const USER: &str = "INSERT INTO res_partner (id, name, active) VALUES (900, 'Support (Tenantry)', true);
    INSERT INTO res_users (id, company_id, partner_id, login, notification_type, password, totp_secret)
    VALUES (900, 1, 900, 'tenantry-support', 'email', 'somebody set one', 'and one of these')";
const LEFT: &str = "SELECT count(*)::text FROM tenantry.entry";
/// How it stands: user and contact active, password, second factor.
pub const STANDING: &str = "SELECT string_agg(concat_ws(' ', u.active, p.active, u.password IS NOT NULL,
    u.totp_secret IS NOT NULL), ',') FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = 900";

/// The access that these entries belong to.
pub fn access() -> SupportId {
    SupportId::from_uuid(Uuid::from_u128(77))
}

/// An entry as support, recognized by its number.
pub fn entering(made: &CreateTenant, number: u128) -> EnterTenant {
    EnterTenant {
        tenant: made.tenant,
        database: made.database.clone(),
        entry: Uuid::from_u128(number),
        token_hash: hex_of(command_id().uuid()),
        seconds: 60,
        visitor: Visitor::Support {
            access: access(),
            display_name: "Support (O'Brien & \"Søn\")".to_owned(),
            ends_at: "2999-01-01T00:00:00Z".parse().unwrap(),
        },
    }
}

fn hex_of(id: Uuid) -> String {
    format!("{0}{0}", id.simple())
}

fn ending(made: &CreateTenant, access: SupportId) -> Order {
    Order::EndEntries(EndEntries {
        tenant: made.tenant,
        database: made.database.clone(),
        access,
    })
}

async fn enter(node: &Node, order: EnterTenant) {
    done(&run(node, Order::EnterTenant(order)).await);
}

async fn execute(place: &Place, database: &str, text: &'static str) {
    let mut connection = place.superuser(database).await;
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
}

/// As Odoo does it when the link is followed.
async fn follow(place: &Place, database: &str) {
    execute(place, database, USER).await;
    let mut odoo = place.as_odoo(database).await.unwrap();
    let used = sqlx::query("UPDATE tenantry.entry SET used_at = now(), user_id = 900")
        .execute(&mut odoo)
        .await
        .unwrap();
    assert!(used.rows_affected() > 0);
}

#[tokio::test]
async fn odoo_may_say_that_an_entry_was_used_and_nothing_else_of_it() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    enter(&node, entering(&made, 1)).await;
    let mut odoo = place.as_odoo(database).await.unwrap();
    for forbidden in [
        "INSERT INTO tenantry.entry SELECT * FROM tenantry.entry",
        "UPDATE tenantry.entry SET ends_at = 'infinity'",
        "UPDATE tenantry.entry SET ended_at = NULL",
        "UPDATE tenantry.entry SET token_hash = ''",
        "DELETE FROM tenantry.entry",
        "DROP TABLE tenantry.entry",
        "ALTER TABLE tenantry.entry OWNER TO odoo",
        "DROP SCHEMA tenantry CASCADE",
        "CREATE TABLE tenantry.other (id integer)",
    ] {
        let refused = sqlx::query(forbidden).execute(&mut odoo).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{forbidden}");
    }
    drop(odoo);
    follow(&place, database).await;
}

#[tokio::test]
async fn an_entry_that_failed_is_not_there_and_a_repeated_one_is_there_once() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    enter(&node, entering(&made, 1)).await;
    let mut node = node;
    for fault in [
        "fail-after:enter-tenant:entry",
        "fail:enter-tenant:check",
        "fail-after:enter-tenant:check",
    ] {
        node = place.start_in_place_of(node, fault).await;
        let outcome = run(&node, Order::EnterTenant(entering(&made, 2))).await;
        assert_eq!(failed(&outcome), "fault-injected");
        assert_eq!(place.text(database, LEFT).await.as_deref(), Some("1"), "{fault}");
    }
    drop(node);
    let node = place.start_with("repeat:enter-tenant:entry").await;
    enter(&node, entering(&made, 2)).await;
    assert_eq!(place.text(database, LEFT).await.as_deref(), Some("2"));
}

#[tokio::test]
async fn nobody_is_let_into_a_tenant_that_is_shut() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    for service in [Service::Suspended, Service::Paused, Service::Restricted] {
        let (tenant, database) = (made.tenant, made.database.clone());
        let order = SuspendTenant {
            tenant,
            database,
            reason: "unpaid".to_owned(),
            service,
            cause: None,
        };
        done(&run(&node, Order::SuspendTenant(order)).await);
        let outcome = run(&node, Order::EnterTenant(entering(&made, 1))).await;
        assert_eq!(failed(&outcome), "tenant-shut", "{service:?}");
    }
}

#[tokio::test]
async fn ending_archives_the_support_user_with_all_that_could_log_it_in_and_nobody_else() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    enter(&node, entering(&made, 1)).await;
    follow(&place, database).await;
    // Somebody wrote the administrator and the superuser into the table: they stay.
    execute(&place, database, "INSERT INTO tenantry.entry (id, purpose, access, database, display_name, token_hash, \
        expires_at, ends_at, ended_at, user_id) SELECT gen_random_uuid(), 'support', gen_random_uuid(), 'x', 'x', \
        sha256(n::text::bytea), now(), now(), now(), n FROM generate_series(1, 2) n").await;
    let others = "SELECT string_agg(concat_ws(' ', id, active, password), ',' ORDER BY id) FROM res_users WHERE id <> 900";
    let before = place.text(database, others).await;
    let signals = "SELECT max(id)::text FROM orm_signaling_default";
    let told = place.text(database, signals).await;
    done(&run(&node, ending(&made, access())).await);
    assert_eq!(place.text(database, STANDING).await.as_deref(), Some("f f f f"));
    assert_eq!(place.text(database, others).await, before);
    assert_ne!(place.text(database, signals).await, told);
    // Ended again, also with an access that never was, nothing changes.
    done(&run(&node, ending(&made, access())).await);
    done(&run(&node, ending(&made, SupportId::from_uuid(Uuid::from_u128(9)))).await);
    assert_eq!(place.text(database, others).await, before);
}

#[tokio::test]
async fn the_support_user_stays_while_another_access_is_open() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    let other = SupportId::from_uuid(Uuid::from_u128(78));
    enter(&node, entering(&made, 1)).await;
    let mut second = entering(&made, 2);
    second.visitor = Visitor::Support {
        access: other,
        display_name: "Support".to_owned(),
        ends_at: "2999-01-01T00:00:00Z".parse().unwrap(),
    };
    enter(&node, second).await;
    follow(&place, database).await;
    done(&run(&node, ending(&made, access())).await);
    assert_eq!(place.text(database, STANDING).await.as_deref(), Some("t t t t"));
    done(&run(&node, ending(&made, other)).await);
    assert_eq!(place.text(database, STANDING).await.as_deref(), Some("f f f f"));
}

#[tokio::test]
async fn an_access_ends_in_a_tombstone_too_and_does_not_come_back_with_it() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    enter(&node, entering(&made, 1)).await;
    follow(&place, database).await;
    let (tenant, name) = (made.tenant, made.database.clone());
    let delete = DeleteTenant {
        tenant,
        database: name.clone(),
    };
    done(&run(&node, Order::DeleteTenant(delete)).await);
    done(&run(&node, ending(&made, access())).await);
    let back = UndeleteTenant {
        tenant,
        database: name,
        service: Service::Open,
    };
    done(&run(&node, Order::UndeleteTenant(back)).await);
    assert_eq!(place.text(database, STANDING).await.as_deref(), Some("f f f f"));
    let open = "SELECT count(*)::text FROM tenantry.entry WHERE ended_at IS NULL";
    assert_eq!(place.text(database, open).await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_template_made_of_a_tenant_has_neither_entries_nor_the_support_user() {
    let (place, node) = Place::ready().await;
    let made = place.created(&node).await;
    let database = made.database.as_str();
    enter(&node, entering(&made, 1)).await;
    follow(&place, database).await;
    done(&run(&node, Order::BuildTemplate(adopting(&place, database))).await);
    let clone = place.created(&node).await;
    let clone = clone.database.as_str();
    let schema = "SELECT to_regnamespace('tenantry')::text";
    assert_eq!(place.text(clone, schema).await, None);
    let user = "SELECT count(*)::text FROM res_users WHERE login = 'tenantry-support'";
    assert_eq!(place.text(clone, user).await.as_deref(), Some("0"));
    assert_eq!(place.text(database, LEFT).await.as_deref(), Some("1"));
}
