//! `tenantry product …`: what is sold.

use crate::ask;
use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::{Session, post};
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::catalogue::{CreateProduct, Product as Sold, UpdateProduct};

/// The products.
#[derive(Args, Clone, Debug)]
pub struct Product {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with products.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List the products, and how many tenants there are of each.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry product list"))]
    List,
    /// Add a product.
    #[command(after_long_help = examples!("tenantry product create shop --display-name Shop"))]
    Create(Create),
    /// Change a product, or close it to new tenants. What is not said stays.
    #[command(after_long_help = examples!("tenantry product update shop --offered false"))]
    Update(Update),
    /// Remove a product that no tenant is of.
    #[command(after_long_help = examples!("tenantry product remove shop", "tenantry product remove shop --yes shop"))]
    Remove(Remove),
}

/// A new product.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// Its name in the API: 2 to 40 of a-z 0-9 - _.
    pub name: String,
    /// Its name for people.
    #[arg(long, value_name = "NAME")]
    pub display_name: String,
    /// The driver that makes it; odoo without it.
    #[arg(long)]
    pub driver: Option<String>,
    /// Its place in lists, the smallest first.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    pub position: Option<i64>,
}

/// Another name or place.
#[derive(Args, Clone, Debug)]
pub struct Update {
    /// The product.
    #[arg(value_name = "PRODUCT", value_parser = path_name)]
    pub name: String,
    /// Its name for people.
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// Its place in lists, the smallest first.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    pub position: Option<i64>,
    /// Whether tenants of it are made.
    #[arg(long)]
    pub offered: Option<bool>,
}

/// A product to remove.
#[derive(Args, Clone, Debug)]
pub struct Remove {
    /// The product.
    #[arg(value_name = "PRODUCT", value_parser = path_name)]
    pub name: String,
    /// The same again, instead of typing it when asked.
    #[arg(long, value_name = "PRODUCT")]
    pub yes: Option<String>,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => list(session).await,
            Self::Create(create) => create.run(session).await,
            Self::Update(update) => update.run(session).await,
            Self::Remove(remove) => remove.run(session).await,
        }
    }
}

impl Create {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = CreateProduct {
            name: Some(self.name.clone()),
            display_name: Some(self.display_name.clone()),
            driver: self.driver.clone(),
            position: self.position,
            is_offered: None,
        };
        let answer = session.client.send(&post(&["products"]).body(&body)?).await?;
        session.print(&answer, &format!("{} is there.", self.name))
    }
}

impl Update {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = UpdateProduct {
            display_name: self.display_name.clone(),
            position: self.position,
            is_offered: self.offered,
        };
        let request = Request::change(Method::PATCH, &["products", &self.name]).body(&body)?;
        let answer = session.client.send(&request).await?;
        session.print(&answer, &format!("{} is changed.", self.name))
    }
}

impl Remove {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        ask::confirm(session.terminal, "removed", &self.name, self.yes.as_deref())?;
        let request = Request::change(Method::DELETE, &["products", &self.name]);
        let request = request.query("confirm", Some(&self.name));
        let answer = session.client.send(&request).await?;
        session.print(&answer, &format!("{} is gone.", self.name))
    }
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["products"]).await?;
    let products: Vec<Sold> = answer.decode_items()?;
    let rows = products.iter().map(|product| {
        vec![
            product.name.clone(),
            product.display_name.clone(),
            product.driver.clone(),
            if product.is_offered { "yes" } else { "no" }.to_owned(),
            product.tenants.to_string(),
        ]
    });
    let rows = rows.collect();
    let headings = ["PRODUCT", "NAME", "DRIVER", "OFFERED", "TENANTS"];
    session.print_rows(&answer, &headings, rows, "There are no products.")
}
