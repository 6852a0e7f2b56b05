//! Templates made of a copy of somebody's database, without its people.

use crate::place::{Place, done, failed, run};
use node::Node;
use sqlx::{Connection, PgConnection, Row};
use std::collections::BTreeMap;
use std::fs;
use testkit::fresh_name;
use wire::node::{
    BuildTemplate, CommandResult, CreateTenant, DeleteTenant, Order, Outcome, Service, SuspendTenant,
    TemplateSource,
};

/// A tenant that people have worked with.
pub async fn lived_in(place: &Place, node: &Node) -> CreateTenant {
    let order = place.created(node).await;
    fill(place, order.database.as_str()).await;
    order
}

async fn fill(place: &Place, database: &str) {
    let mut connection = place.as_odoo(database).await.unwrap();
    sqlx::raw_sql(include_str!("people.sql"))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let folder = place.settings.filestore_dir.join(database).join("cd");
    fs::create_dir_all(&folder).unwrap();
    for number in 1..=6 {
        fs::write(folder.join(format!("cdef0{number}")), "x").unwrap();
    }
}

pub fn adopting(place: &Place, database: &str) -> BuildTemplate {
    BuildTemplate {
        modules: Vec::new(),
        languages: Vec::new(),
        source: TemplateSource::Database(database.parse().unwrap()),
        ..place.template_order()
    }
}

/// A template that the test may look into.
async fn look_into(place: &Place) -> PgConnection {
    let mut superuser = place.superuser("postgres").await;
    let text = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", place.template);
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut superuser)
        .await
        .unwrap();
    place.superuser(place.template.as_str()).await
}

async fn text(connection: &mut PgConnection, query: &'static str) -> Option<String> {
    let row = sqlx::query(query).fetch_one(connection).await.unwrap();
    row.get(0)
}

/// How many rows each table has.
async fn rows(place: &Place, database: &str) -> BTreeMap<String, i64> {
    let mut connection = place.superuser(database).await;
    let found = sqlx::query(
        "SELECT relname::text, (xpath('//c/text()', query_to_xml(format('SELECT count(*) AS c, \
         md5(string_agg(t::text, '''' ORDER BY t::text)) AS m FROM %I t', relname), false, true, '')))[1]::text::bigint \
         FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    found.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn detail(outcome: &Outcome) -> &str {
    match &outcome.result {
        CommandResult::Failed(failure) => &failure.detail,
        CommandResult::Done(_) => panic!("done, but should have failed"),
    }
}

#[tokio::test]
async fn people_and_secrets_are_left_out_and_the_rest_is_copied() {
    let (place, node) = Place::ready().await;
    let tenant = lived_in(&place, &node).await;
    let outcome = run(
        &node,
        Order::BuildTemplate(adopting(&place, tenant.database.as_str())),
    )
    .await;
    let facts = done(&outcome);
    for told in [
        "2 users",
        "4 contacts",
        "1,204 messages",
        "1 mail server",
        "2 API keys",
        "2 followers",
        "4 attachments",
        "1 provider of payments or logins, switched off",
        "3 rows of club_visit",
        "1 row of club_card",
        "1 row of utm_campaign",
        "1 row of mail_wizard",
        "4 files of what is gone",
    ] {
        assert!(
            facts.stripped.iter().any(|words| words == told),
            "{told}: {:?}",
            facts.stripped
        );
    }
    assert_eq!(facts.languages, ["en_US", "es_ES"]);
    let step = outcome.steps.iter().find(|step| step.name == "strip").unwrap();
    assert!(step.note.as_ref().unwrap().contains("4 contacts"));

    let mut inside = look_into(&place).await;
    for (query, wanted) in [
        (
            "SELECT string_agg(login, ' ' ORDER BY id) FROM res_users",
            Some("__system__ admin public portaltemplate"),
        ),
        (
            "SELECT string_agg(id || ' ' || active, ' ' ORDER BY id) FROM res_users",
            Some("1 false 2 true 3 false 4 false"),
        ),
        (
            "SELECT string_agg(name, ', ' ORDER BY id) FROM res_partner",
            Some("My Company, OdooBot, Administrator, Public user, Portal User Template"),
        ),
        (
            "SELECT string_agg(email, ' ') FROM res_partner",
            Some("odoobot@example.com"),
        ),
        (
            "SELECT concat(phone, parent_id, commercial_partner_id) FROM res_partner WHERE id = 3",
            Some("3"),
        ),
        (
            "SELECT concat(vat, street, city) FROM res_partner WHERE id = 1",
            Some(""),
        ),
        (
            "SELECT concat(totp_secret, signature) FROM res_users WHERE id = 2",
            Some("<div>Administrator</div>"),
        ),
        (
            "SELECT left(password, 15) FROM res_users WHERE id = 2",
            Some("$pbkdf2-sha512$"),
        ),
        (
            "SELECT concat(name, email, phone, logo_web, email_primary_color) FROM res_company",
            Some("My Company#000000"),
        ),
        (
            "SELECT concat(name, domain, google_analytics_key, user_id) FROM website",
            Some("My Website3"),
        ),
        (
            "SELECT concat(alias_name, alias_domain_id) FROM mail_alias",
            Some("info"),
        ),
        (
            "SELECT string_agg(user_id::text, ' ' ORDER BY id) FROM ir_cron",
            Some("1 1"),
        ),
        (
            "SELECT string_agg(name || user_id, ' ') FROM utm_campaign",
            Some("Newsletter1"),
        ),
        (
            "SELECT concat(email_from, email_to) FROM mail_template",
            Some("{{ object.user_id.email_formatted }}"),
        ),
        (
            "SELECT concat(state, is_published, stripe_secret_key) FROM payment_provider",
            Some("disabledf"),
        ),
        (
            "SELECT concat(name, create_uid) FROM product_template",
            Some("A chair"),
        ),
        (
            "SELECT string_agg(partner_id::text, ' ') FROM club_card",
            Some("1"),
        ),
        (
            "SELECT string_agg(card_id::text, ' ') FROM club_card_product_rel",
            Some("2"),
        ),
        (
            "SELECT string_agg(name, ', ' ORDER BY id) FROM ir_attachment",
            Some("a picture, a chair, a bundle"),
        ),
        (
            "SELECT count(*)::text FROM ir_model_data WHERE module = '__export__'",
            Some("0"),
        ),
        (
            "SELECT string_agg(key || '=' || value, ' ' ORDER BY key) FROM ir_config_parameter \
             WHERE key NOT LIKE 'database.%'",
            Some("auth_signup.reset_password=True sale.default_days=30 web.base.url=http://localhost:8069"),
        ),
        (
            "SELECT count(*)::text FROM ir_config_parameter WHERE key = 'database.enterprise_code'",
            Some("0"),
        ),
    ] {
        assert_eq!(text(&mut inside, query).await.as_deref(), wanted, "{query}");
    }
    let secret = "SELECT value FROM ir_config_parameter WHERE key = 'database.secret'";
    assert_ne!(
        text(&mut inside, secret).await,
        place.text(tenant.database.as_str(), secret).await
    );
    let owners = "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(text(&mut inside, owners).await.as_deref(), Some("odoo"));
    inside.close().await.unwrap();
    let folder = place.settings.filestore_dir.join(place.template.as_str());
    let mut files: Vec<String> = fs::read_dir(folder.join("cd"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["cdef04", "cdef05"]);
}

#[tokio::test]
async fn the_source_is_only_read_and_its_sessions_stay() {
    let (place, node) = Place::ready().await;
    let tenant = lived_in(&place, &node).await;
    let database = tenant.database.as_str();
    let (before, seen) = (rows(&place, database).await, place.footprint(&[&tenant]).await);
    let mut session = place.as_odoo(database).await.unwrap();
    let mut open = session.begin().await.unwrap();
    sqlx::query("UPDATE res_partner SET color = 7 WHERE id = 100")
        .execute(&mut *open)
        .await
        .unwrap();
    done(&run(&node, Order::BuildTemplate(adopting(&place, database))).await);
    open.rollback().await.unwrap();
    session.close().await.unwrap();
    assert_eq!(rows(&place, database).await, before);
    let files = |seen: std::collections::BTreeSet<String>| -> Vec<String> {
        seen.into_iter().filter(|line| line.contains(database)).collect()
    };
    assert_eq!(files(place.footprint(&[&tenant]).await), files(seen));
    // What was made of it makes tenants.
    let made = place.created(&node).await;
    let users = "SELECT count(*)::text FROM res_users";
    assert_eq!(
        place.text(made.database.as_str(), users).await.as_deref(),
        Some("4")
    );
}

#[tokio::test]
async fn a_database_that_nobody_manages_and_a_closed_tenant_will_do() {
    let (place, node) = Place::ready().await;
    let tenant = lived_in(&place, &node).await;
    let close = SuspendTenant {
        tenant: tenant.tenant,
        database: tenant.database.clone(),
        reason: "unpaid".to_owned(),
        service: Service::Suspended,
        cause: None,
    };
    done(&run(&node, Order::SuspendTenant(close)).await);
    done(
        &run(
            &node,
            Order::BuildTemplate(adopting(&place, tenant.database.as_str())),
        )
        .await,
    );

    let name = fresh_name("theirs");
    let mut superuser = place.superuser("postgres").await;
    let open = "ALTER DATABASE {} ALLOW_CONNECTIONS true".replace("{}", place.template.as_str());
    let copy = format!("CREATE DATABASE {name} TEMPLATE {} OWNER odoo", place.template);
    for text in [open, copy] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut superuser)
            .await
            .unwrap();
    }
    done(&run(&node, Order::BuildTemplate(adopting(&place, &name))).await);
}

#[tokio::test]
async fn what_no_template_can_be_made_of_is_refused_with_what_to_do() {
    let (place, node) = Place::ready().await;
    let deleted = place.created(&node).await;
    let delete = DeleteTenant {
        tenant: deleted.tenant,
        database: deleted.database.clone(),
    };
    done(&run(&node, Order::DeleteTenant(delete)).await);
    let tombstone = node
        .inventory()
        .await
        .unwrap()
        .into_iter()
        .find(|found| found.standing == node::Standing::Tombstone)
        .unwrap();
    let before = place.footprint(&[&deleted]).await;
    for (name, code, words) in [
        (place.template.as_str(), "not-adoptable", "it is a template"),
        (tombstone.name.as_str(), "not-adoptable", "Bring it back first"),
        (deleted.database.as_str(), "tenant-unknown", "Name a tenant's"),
        (
            place.settings.cluster.journal.as_str(),
            "tenant-unknown",
            "Name a tenant's",
        ),
        ("postgres", "tenant-unknown", "Name a tenant's"),
    ] {
        let Ok(database) = name.parse::<domain::DatabaseName>() else {
            continue;
        };
        let mut order = adopting(&place, "any");
        order.name = "another_template".parse().unwrap();
        order.source = TemplateSource::Database(database);
        let outcome = run(&node, Order::BuildTemplate(order)).await;
        assert_eq!(failed(&outcome), code, "{name}");
        assert!(detail(&outcome).contains(words), "{}", detail(&outcome));
    }
    assert_eq!(place.footprint(&[&deleted]).await, before);
}

#[tokio::test]
async fn what_cannot_go_fails_the_step_with_the_tables_name_and_leaves_nothing() {
    let (place, node) = Place::ready().await;
    let tenant = lived_in(&place, &node).await;
    let mut inside = place.superuser(tenant.database.as_str()).await;
    sqlx::raw_sql(
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'no' USING ERRCODE = 'foreign_key_violation'; END $$; \
         CREATE TRIGGER stay BEFORE DELETE ON club_visit FOR EACH ROW EXECUTE FUNCTION stay()",
    )
    .execute(&mut inside)
    .await
    .unwrap();
    inside.close().await.unwrap();
    let before = place.footprint(&[&tenant]).await;
    let outcome = run(
        &node,
        Order::BuildTemplate(adopting(&place, tenant.database.as_str())),
    )
    .await;
    assert_eq!(failed(&outcome), "check-failed");
    assert!(detail(&outcome).contains("club_visit"), "{}", detail(&outcome));
    assert_eq!(outcome.steps.last().unwrap().name, "strip");
    assert_eq!(place.footprint(&[&tenant]).await, before);
}
