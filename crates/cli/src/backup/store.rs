//! `tenantry backup store …`: where backups are kept, and for how long.

use crate::error::Error;
use crate::exit::examples;
use crate::options::path_name;
use crate::output::size;
use crate::request::Request;
use crate::session::Session;
use clap::{Args, Subcommand};
use reqwest::Method;
use wire::Plaintext;
use wire::backups::{PutStore, RetentionView, StoreView};

/// What can be done with stores of backups.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List the stores.
    #[command(visible_alias = "ls", after_long_help = examples!("tenantry backup store list"))]
    List,
    /// Add a store, or change it. What is not said stays as it is.
    ///
    /// The secret key of a bucket is read from TENANTRY_STORE_SECRET, because a command line can be seen by others.
    #[command(after_long_help = examples!(
        "TENANTRY_STORE_SECRET=… tenantry backup store set offsite --kind s3 --endpoint https://s3.example.com --bucket backups --access-key AKIA",
        "tenantry backup store set local --keep 1,7,4,12,2",
        "tenantry backup store set local --scheduled false",
    ))]
    Set(Box<Set>),
    /// Remove a store in which there never was a backup.
    #[command(after_long_help = examples!("tenantry backup store remove offsite"))]
    Remove(Named),
}

/// Which store.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Its name: a-z, 0-9 and dashes.
    #[arg(value_name = "STORE", value_parser = path_name)]
    pub name: String,
}

/// What a store is.
#[derive(Args, Clone, Debug)]
pub struct Set {
    /// The store.
    #[command(flatten)]
    pub named: Named,
    /// A folder of each node, or a bucket.
    #[arg(long, value_parser = ["folder", "s3"])]
    pub kind: Option<String>,
    /// The bucket's address: scheme, host and port.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The bucket's region.
    #[arg(long)]
    pub region: Option<String>,
    /// The bucket.
    #[arg(long)]
    pub bucket: Option<String>,
    /// What names in the bucket begin with.
    #[arg(long)]
    pub prefix: Option<String>,
    /// Whether the bucket stands in the path of addresses.
    #[arg(long)]
    pub path_style: Option<bool>,
    /// The class that objects are stored in.
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<String>,
    /// For how many days objects are locked from each backup on that needs them, 0 to 366; the bucket must have been made for it.
    /// Nobody can take a lock back.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=366))]
    pub lock_days: Option<i64>,
    /// Who we are there.
    #[arg(long, value_name = "KEY")]
    pub access_key: Option<String>,
    /// What we prove it with.
    #[arg(long, env = "TENANTRY_STORE_SECRET", hide = true, hide_env_values = true, value_parser = secret)]
    pub secret: Option<Plaintext>,
    /// Whether backups are taken into it by the clock.
    #[arg(long)]
    pub scheduled: Option<bool>,
    /// How many backups stay: the newest ones, then of days, weeks, months and years, separated by commas.
    #[arg(long, value_name = "LAST,DAYS,WEEKS,MONTHS,YEARS", value_parser = retention)]
    pub keep: Option<RetentionView>,
}

fn secret(text: &str) -> Result<Plaintext, std::convert::Infallible> {
    Ok(Plaintext::new(text.to_owned()))
}

fn retention(text: &str) -> Result<RetentionView, String> {
    let numbers: Result<Vec<u16>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok([last, days, weeks, months, years]) => Ok(RetentionView {
            last: *last,
            days: *days,
            weeks: *weeks,
            months: *months,
            years: *years,
        }),
        _ => Err("five whole numbers, such as 1,7,4,12,2".to_owned()),
    }
}

impl Action {
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::List => list(session).await,
            Self::Set(set) => set.run(session).await,
            Self::Remove(named) => {
                let request = Request::change(Method::DELETE, &["backup-stores", &named.name]);
                let answer = session.client.send(&request).await?;
                session.print(&answer, &format!("{} is gone.", named.name))
            }
        }
    }
}

impl Set {
    async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        let body = PutStore {
            kind: self.kind.clone(),
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            path_style: self.path_style,
            storage_class: self.storage_class.clone(),
            lock_days: self.lock_days,
            access_key: self.access_key.clone(),
            secret_key: self.secret.clone(),
            scheduled: self.scheduled,
            retention: self.keep,
        };
        let request = Request::change(Method::PUT, &["backup-stores", &self.named.name]).body(&body)?;
        let answer = session.client.send(&request).await?;
        session.print(&answer, &format!("{} is set.", self.named.name))
    }
}

async fn list(session: &mut Session<'_>) -> Result<(), Error> {
    let answer = session.read(&["backup-stores"]).await?;
    let stores: Vec<StoreView> = answer.decode_items()?;
    let rows = stores.iter().map(|store| {
        let RetentionView {
            last,
            days,
            weeks,
            months,
            years,
        } = store.retention;
        let place = [&store.endpoint, &store.bucket, &store.prefix]
            .into_iter()
            .flatten();
        vec![
            store.name.clone(),
            store.kind.clone(),
            place.cloned().collect::<Vec<_>>().join(" "),
            if store.scheduled { "yes" } else { "no" }.to_owned(),
            format!("{last},{days},{weeks},{months},{years}"),
            store.backups.to_string(),
            size(store.bytes),
        ]
    });
    let rows = rows.collect();
    let headings = [
        "STORE",
        "KIND",
        "WHERE",
        "BY THE CLOCK",
        "KEEPS",
        "BACKUPS",
        "BYTES",
    ];
    session.print_rows(&answer, &headings, rows, "There are no stores of backups.")
}
