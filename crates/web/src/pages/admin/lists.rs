//! The panel's plain lists: templates, products, organizations, staff, keys, settings.

use super::nodes::details;
use crate::App;
use crate::input::Segment;
use crate::language::Language;
use crate::pages::page;
use crate::pages::portal::OrganizationPage;
use crate::pages::view::{View, Visit};
use crate::problem::Answer;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{Action, OrganizationId};
use serde_json::json;
use wire::apikey::{ApiKey, NodeDetail, Template as NodeTemplate};
use wire::catalogue::{Plan, Product};
use wire::person::{Organization, Person, PersonList};
use wire::setting::SettingView;

#[derive(Template)]
#[template(path = "admin/templates.html")]
struct TemplatesPage {
    v: View,
    items: Vec<NodeTemplate>,
    nodes: Vec<NodeDetail>,
}

#[derive(Template)]
#[template(path = "admin/products.html")]
struct ProductsPage {
    v: View,
    plans: Vec<Plan>,
    products: Vec<Product>,
}

#[derive(Template)]
#[template(path = "admin/organizations.html")]
struct OrganizationsPage {
    v: View,
    items: Vec<Organization>,
}

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    v: View,
    list: PersonList,
}

#[derive(Template)]
#[template(path = "admin/keys.html")]
struct KeysPage {
    v: View,
    items: Vec<ApiKey>,
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    v: View,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "admin/styleguide.html")]
struct Styleguide {
    v: View,
    days: Vec<control::Day>,
}

/// Settings whose names begin alike.
struct Group {
    name: String,
    items: Vec<Item>,
}

struct Item {
    setting: SettingView,
    /// Its value as a person reads it.
    value: String,
    is_set: bool,
}

/// `GET /admin/templates`
pub(crate) async fn templates(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let items = app.control.templates(&caller).await?;
    let nodes = details(&app, &caller).await?;
    Ok(page(TemplatesPage { v, items, nodes }.render()))
}

impl TemplatesPage {
    fn ready(&self, one: &NodeTemplate) -> Option<(u64, u64)> {
        let node = self.nodes.iter().find(|detail| detail.node.name == one.node)?;
        let pool = node
            .pools
            .iter()
            .find(|pool| pool.template.as_str() == one.name)?;
        Some((pool.ready, pool.wanted))
    }

    fn values(&self, one: &NodeTemplate) -> String {
        json!({ "name": one.name, "node": one.node, "size": one.pool_size, "state": one.state }).to_string()
    }
}

/// `GET /admin/products`
pub(crate) async fn products(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let (plans, products) = tokio::try_join!(app.control.plans(&caller), app.control.products(&caller))?;
    Ok(page(ProductsPage { v, plans, products }.render()))
}

/// Bytes in one of what storage is typed in.
const GIB: i64 = 1 << 30;

impl ProductsPage {
    fn plan_values(&self, one: &Plan) -> String {
        let storage = one.max_storage_bytes.map(|bytes| match bytes % GIB {
            0 => (bytes / GIB).to_string(),
            _ => format!("{}.{:03}", bytes / GIB, (bytes % GIB) * 1000 / GIB),
        });
        json!({ "plan": one.name, "display_name": one.display_name, "max_users": one.max_users, "storage": storage,
            "position": one.position, "is_offered": one.is_offered, "every_hours": one.backup_schedule.every_hours,
            "opens_hour": one.backup_schedule.opens_hour })
        .to_string()
    }

    fn product_values(&self, one: &Product) -> String {
        json!({ "product": one.name, "display_name": one.display_name, "position": one.position,
            "is_offered": one.is_offered })
        .to_string()
    }
}

/// `GET /admin/organizations`
pub(crate) async fn organizations(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let items = app.control.organizations(&caller).await?;
    Ok(page(OrganizationsPage { v, items }.render()))
}

/// `GET /admin/organizations/{organization}`
pub(crate) async fn organization(
    State(app): State<App>,
    visit: Visit,
    Segment(id): Segment<OrganizationId>,
) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let o = app.control.organization(&caller, id).await?;
    let list = app.control.members(&caller, id).await?;
    let back = "/admin/organizations";
    Ok(page(OrganizationPage { v, o, list, back }.render()))
}

/// `GET /admin/people`
pub(crate) async fn people(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let list = app.control.people(&caller).await?;
    Ok(page(PeoplePage { v, list }.render()))
}

impl PeoplePage {
    fn values(&self, one: &Person) -> String {
        let role = one.role.as_deref().unwrap_or("none");
        json!({ "id": one.id, "email": one.email, "role": role, "state": one.state }).to_string()
    }
}

/// `GET /admin/keys`
pub(crate) async fn keys(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let items = app.control.keys(&caller).await?;
    Ok(page(KeysPage { v, items }.render()))
}

impl KeysPage {
    fn values(&self, one: &ApiKey) -> String {
        json!({ "id": one.id, "name": one.name }).to_string()
    }

    fn state(&self, one: &ApiKey) -> &'static str {
        let over = one.expires_at.is_some_and(|at| at <= self.v.now);
        match (one.revoked_at.is_some(), over, one.expires_soon) {
            (true, _, _) => "revoked",
            (_, true, _) => "ended",
            (_, _, true) => "soon",
            _ => "active",
        }
    }
}

/// `GET /admin/settings`
pub(crate) async fn settings(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    caller.require(Action::ReadPanel)?;
    let spoken = match Language::current() {
        Language::English => "en",
        Language::Spanish => "es",
    };
    let spoken: domain::Language = spoken
        .parse()
        .map_err(|_| control::ControlError::NotFound("language"))?;
    let mut groups: Vec<Group> = Vec::new();
    for setting in app.control.list_settings(&caller, None, &spoken).await? {
        let name = setting.category.clone();
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.items.push(item(setting)),
            None => groups.push(Group {
                name,
                items: vec![item(setting)],
            }),
        }
    }
    Ok(page(SettingsPage { v, groups }.render()))
}

fn item(setting: SettingView) -> Item {
    let json = serde_json::to_value(&setting.value).unwrap_or_default();
    let plain = match &json {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => {
            let texts: Vec<&str> = list.iter().filter_map(serde_json::Value::as_str).collect();
            texts.join(", ")
        }
        other => other.to_string(),
    };
    Item {
        value: plain,
        is_set: setting.updated_at.is_some(),
        setting,
    }
}

/// `GET /admin/styleguide`: every part that pages are made of.
pub(crate) async fn styleguide(State(app): State<App>, visit: Visit) -> Answer<Response> {
    let Visit { v, caller } = visit;
    let overview = app.control.overview(&caller).await?;
    Ok(page(
        Styleguide {
            v,
            days: overview.operations,
        }
        .render(),
    ))
}

impl Item {
    /// Whether its value is a list of texts.
    fn is_list(&self) -> bool {
        matches!(self.setting.kind, wire::setting::SettingType::List)
    }
}
