//! `tenantry security …`: what the server's front door refused.

use crate::error::Error;
use crate::exit::examples;
use crate::options::{Options, path_name};
use crate::request::Request;
use crate::session::Session;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use domain::WallRule;
use reqwest::Method;
use wire::security::BlockView;

/// The front door.
#[derive(Args, Clone, Debug)]
pub struct Security {
    /// Server and output.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done about the front door.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List what was refused or reported: one block for each rule and address.
    #[command(after_long_help = examples!(
        "tenantry security blocks",
        "tenantry security blocks --address 192.0.2.7",
    ))]
    Blocks(Blocks),
    /// Show the block whose number a refused client was told.
    #[command(after_long_help = examples!("tenantry security show blk_0123456789abcdef0123456789abcdef"))]
    Show(Block),
    /// Let an address do for thirty days what a block refuses.
    #[command(after_long_help = examples!("tenantry security lift blk_0123456789abcdef0123456789abcdef"))]
    Lift(Block),
}

/// Which blocks.
#[derive(Args, Clone, Debug)]
pub struct Blocks {
    /// Only of this rule.
    #[arg(long, value_parser = PossibleValuesParser::new(WallRule::ALL.map(WallRule::as_str)))]
    pub rule: Option<String>,
    /// Only of this address.
    #[arg(long)]
    pub address: Option<std::net::IpAddr>,
    /// 1 to 200 blocks.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=200))]
    pub limit: i64,
}

/// Which block.
#[derive(Args, Clone, Debug)]
pub struct Block {
    /// Its number (`blk_…`).
    #[arg(value_name = "BLOCK", value_parser = path_name)]
    pub id: String,
}

impl Action {
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Blocks(which) => blocks(session, which).await,
            Self::Show(block) => {
                let answer = session.read(&["security", "blocks", &block.id]).await?;
                let known: BlockView = answer.decode()?;
                let text = format!(
                    "{}: {} {} of {}, {} times; {} {} by {}; {}",
                    known.id,
                    if known.refused { "refused" } else { "reported" },
                    known.rule,
                    known.address,
                    known.count,
                    known.method,
                    known.path,
                    known.agent,
                    session.terminal.time(known.last_at),
                );
                session.print(&answer, &text)
            }
            Self::Lift(block) => {
                let request = Request::change(Method::DELETE, &["security", "blocks", &block.id]);
                let answer = session.client.send(&request).await?;
                let known: BlockView = answer.decode()?;
                let until = session.terminal.time_or_dash(known.lifted_until);
                let text = format!(
                    "{} is not applied to {} until {until}.",
                    known.rule, known.address
                );
                session.print(&answer, &text)
            }
        }
    }
}

async fn blocks(session: &mut Session<'_>, which: &Blocks) -> Result<(), Error> {
    let request = Request::read(&["security", "blocks"])
        .query("rule", which.rule.as_ref())
        .query("address", which.address)
        .query("limit", Some(which.limit));
    let answer = session.client.send(&request).await?;
    let blocks: Vec<BlockView> = answer.decode_items()?;
    let rows = blocks.iter().map(|block| {
        let fate = match (block.lifted_until, block.refused) {
            (Some(until), _) => format!("lifted until {}", session.terminal.time(until)),
            (None, true) => "refused".to_owned(),
            (None, false) => "reported".to_owned(),
        };
        vec![
            block.id.clone(),
            block.rule.clone(),
            block.address.clone(),
            block.count.to_string(),
            session.terminal.time(block.last_at),
            format!("{} {}", block.method, block.path),
            fate,
        ]
    });
    let rows = rows.collect();
    let headings = ["Block", "Rule", "Address", "Times", "Last", "Request", "Fate"];
    session.print_rows(&answer, &headings, rows, "Nothing was refused.")
}
