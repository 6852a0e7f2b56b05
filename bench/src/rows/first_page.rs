//! The first login page of a new tenant with all that it loads, beside that of a template which was never opened.

use crate::arguments::Effort;
use crate::ground::{Ground, POOL, TEMPLATE};
use crate::measure::{Contest, interleaved};
use crate::rows::Findings;
use crate::table::{Breakdown, Goal, Row};
use crate::tenants::Access;
use anyhow::{Context as _, Result, ensure};
use e2e::Visitor;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeSet;
use std::path::Path;
use tokio::process::Command;
use tokio::time::Instant;

/// As many requests at once as a browser has for one host.
const AT_ONCE: usize = 6;

/// Whose page it is: ours right after the answer or when the node has asked for it, or that of an unopened template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    AtOnce,
    Later,
    Unopened,
    AgainOurs,
    AgainUnopened,
}

/// What a visit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Page,
    Assets,
    Whole,
}

type Times = Contest<(What, Part)>;

pub(crate) async fn run(ground: &Ground, effort: Effort) -> Result<Findings> {
    ground.set_pool(POOL).await?;
    let template = Unopened::make(ground).await?;
    let mut times = Contest::new();
    let measured = measure(ground, effort.samples(2, 5), &template, &mut times).await;
    template.remove().await?;
    ground.purge_deleted().await?;
    measured?;
    let whole = |what: What| times.figure(&(what, Part::Whole));
    let beside = "the same, template never opened";
    let first = |words: &str, what: What| -> Result<Row> {
        let row = Row::time(format!("first login page with its assets, {words}"), whole(what)?);
        Ok(row
            .beside(beside, whole(What::Unopened)?)
            .goal(Goal::MedianRatio(0.1)))
    };
    let rows = vec![
        first("right after the answer", What::AtOnce)?,
        first("when the node has asked once", What::Later)?,
        Row::time("the page with its assets a second time", whole(What::AgainOurs)?)
            .beside(beside, whole(What::AgainUnopened)?),
    ];
    Ok(Findings {
        rows,
        breakdowns: vec![breakdown(&times)],
        ..Findings::default()
    })
}

fn breakdown(times: &Times) -> Breakdown {
    let columns = [What::AtOnce, What::Later, What::Unopened];
    let parts = [
        ("the page", Part::Page),
        ("its assets", Part::Assets),
        ("both", Part::Whole),
    ];
    let line = |(name, part): (&str, Part)| {
        let median = |what| times.figure(&(what, part)).ok().map(|figure| figure.median);
        (name.to_owned(), columns.map(median).to_vec())
    };
    Breakdown {
        title: "Where the time of the first page goes (median of each part):".to_owned(),
        columns: [
            "right after the answer",
            "when the node has asked once",
            "template never opened",
        ]
        .map(str::to_owned)
        .to_vec(),
        lines: parts.map(line).to_vec(),
    }
}

async fn measure(ground: &Ground, rounds: usize, template: &Unopened<'_>, times: &mut Times) -> Result<()> {
    for way in interleaved(rounds, &[What::AtOnce, What::Unopened, What::Later]) {
        ground.rest(2).await?;
        if way == What::Unopened {
            let database = template.copy().await?;
            let mut visitor = ground.installation.visitor_behind_edge(&database)?;
            visit(&mut visitor, What::Unopened, times).await?;
            visit(&mut visitor, What::AgainUnopened, times).await?;
            template.remove_copy(&database).await?;
        } else {
            let made = ground.make(Access::Link).await?;
            if way == What::Later {
                ground.rest(0).await?;
            }
            let mut visitor = ground.installation.visitor(&made.subdomain)?;
            visit(&mut visitor, way, times).await?;
            visit(&mut visitor, What::AgainOurs, times).await?;
            ground.rest(0).await?;
            ground.remove(&made).await?;
        }
    }
    Ok(())
}

/// Opens the login page and loads what it names.
async fn visit(visitor: &mut Visitor, what: What, times: &mut Times) -> Result<()> {
    let began = Instant::now();
    let page = visitor.open("/web/login").await?;
    let opened = began.elapsed();
    ensure!(
        page.status.as_u16() == 200,
        "the login page answered {}",
        page.status
    );
    let named = loaded(&page.text);
    ensure!(
        named.iter().any(|path| path.starts_with("/web/assets/")),
        "the login page names no bundle"
    );
    let load = async |path: String| -> Result<()> {
        let asset = visitor.clone().get(&path).await?;
        ensure!(asset.status.as_u16() == 200, "{path} answered {}", asset.status);
        Ok(())
    };
    stream::iter(named)
        .map(load)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let whole = began.elapsed();
    for (part, took) in [
        (Part::Page, opened),
        (Part::Assets, whole - opened),
        (Part::Whole, whole),
    ] {
        times.of((what, part)).push_time(took);
    }
    Ok(())
}

/// The files of its own host that a page loads: styles, scripts (late ones too) and images. Not what styles name.
fn loaded(page: &str) -> BTreeSet<String> {
    let paths = page
        .split('<')
        .filter_map(|tag| match tag.split_whitespace().next()? {
            "link" => value(tag, "href=\""),
            "script" | "img" => value(tag, "src=\""),
            _ => None,
        });
    let ours = paths.filter(|path| path.starts_with('/') && !path.starts_with("//"));
    ours.map(|path| path.replace("&amp;", "&")).collect()
}

fn value<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(name)?.1.split('"').next()
}

/// The template as it would be if nobody had opened it: without the bundles that Odoo compiles on the first visit.
struct Unopened<'a> {
    ground: &'a Ground,
    name: String,
}

impl<'a> Unopened<'a> {
    async fn make(ground: &'a Ground) -> Result<Self> {
        let name = ground.name().replace('-', "_");
        let postgres = ground.installation.postgres();
        postgres
            .run(
                "postgres",
                &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER tenantry_node"),
            )
            .await?;
        postgres
            .run(&name, "DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'")
            .await?;
        Ok(Self { ground, name })
    }

    /// A database that Odoo serves, with its files.
    async fn copy(&self) -> Result<String> {
        let name = self.ground.name().replace('-', "_");
        let statement = format!("CREATE DATABASE {name} TEMPLATE {} OWNER odoo", self.name);
        copy_files(
            &self.ground.installation.filestore(TEMPLATE),
            &self.ground.installation.filestore(&name),
        )
        .await?;
        self.ground
            .installation
            .postgres()
            .run("postgres", &statement)
            .await?;
        Ok(name)
    }

    async fn remove_copy(&self, name: &str) -> Result<()> {
        drop_database(self.ground, name).await?;
        Ok(std::fs::remove_dir_all(self.ground.installation.filestore(name))?)
    }

    async fn remove(&self) -> Result<()> {
        drop_database(self.ground, &self.name).await
    }
}

async fn drop_database(ground: &Ground, name: &str) -> Result<()> {
    let statement = format!("DROP DATABASE {name} WITH (FORCE)");
    ground.installation.postgres().run("postgres", &statement).await
}

/// Hard links with the owners that the files have.
async fn copy_files(from: &Path, to: &Path) -> Result<()> {
    let done = Command::new("cp")
        .args(["--archive", "--link"])
        .arg(from)
        .arg(to)
        .status()
        .await?;
    done.success()
        .then_some(())
        .context("the files could not be copied")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_a_page_loads_is_found_once() {
        let page = r#"<link rel="stylesheet" href="/web/assets/1/a.min.css"/><script data-src="/web/assets/2/b.js">
            </script><img src="/web/image/website/1/logo?unique=1&amp;x=2"/><img
            alt="" src="/web/image/website/1/logo?unique=1&amp;x=2"/><a href="/web/reset_password">x</a>
            <script>let x = 1</script><link href="https://elsewhere.example/x.css"/>"#;
        let found: Vec<String> = loaded(page).into_iter().collect();
        assert_eq!(
            found,
            [
                "/web/assets/1/a.min.css",
                "/web/assets/2/b.js",
                "/web/image/website/1/logo?unique=1&x=2"
            ]
        );
    }
}
