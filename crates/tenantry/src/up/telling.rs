//! What `up` tells: one line a step, with its time, and a moving line while a step takes long.

use super::first_tenant::Demo;
use super::layout::Layout;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;
use tokio::time::Instant;

/// How often the line of a long step moves.
const TICK: Duration = Duration::from_millis(120);
/// How often a long step says a line of its own where no line can move, as in a file.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Tells people how far it is.
pub(crate) struct Telling {
    began: Instant,
}

/// A step that is being taken.
pub(crate) struct Step {
    began: Instant,
    bar: ProgressBar,
    name: String,
    /// When it last said a line, where no line can move.
    said: Option<Cell<Instant>>,
}

impl Telling {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// Begins a step.
    pub(crate) fn step(&self, name: &str) -> Step {
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new_spinner()
            .with_style(style)
            .with_message(name.to_owned());
        bar.enable_steady_tick(TICK);
        let began = Instant::now();
        Step {
            began,
            bar,
            name: name.to_owned(),
            said: (!std::io::stderr().is_terminal()).then(|| Cell::new(began)),
        }
    }

    /// Tells one line.
    pub(crate) fn line(&self, text: &str) {
        tell(text);
    }

    /// Tells where everything is.
    pub(crate) fn ready(&self, layout: &Layout, owner_link: Option<&String>, demo: Option<&Demo>) {
        tell(&format!(
            "\nEverything is up ({:.1} s).\n",
            self.began.elapsed().as_secs_f64()
        ));
        tell(&format!("  Panel          {}", layout.panel_url()));
        match owner_link {
            Some(link) => tell(&format!("  Owner's link   {link}")),
            None => tell("  Owner's link   was used or has ended; more keys: tenantry key create NAME"),
        }
        if let Some(demo) = demo {
            tell(&format!("  First tenant   {}", demo.url));
            if let Some(link) = &demo.set_password_link {
                tell(&format!("  its password   {link}"));
            }
        }
        tell(&format!(
            "  For tools      {}",
            layout.path("local.json").display()
        ));
        tell(&format!("  Logs           {}", layout.path("log").display()));
        tell("\nStop it with Ctrl-C or scripts/down; starting it again finds everything as it was.");
    }
}

impl Step {
    /// Tells how far a long step is.
    pub(crate) fn note(&self, text: &str) {
        self.bar.set_message(format!("{}: {text}", self.name));
        if let Some(said) = &self.said
            && said.get().elapsed() >= LINE_EVERY
        {
            said.set(Instant::now());
            let seconds = self.began.elapsed().as_secs();
            tell(&format!("  … {}: {text} ({seconds} s)", self.name));
        }
    }

    /// Ends a step that went well.
    pub(crate) fn done(self) {
        self.bar.finish_and_clear();
        tell(&format!(
            "✓ {} ({:.1} s)",
            self.name,
            self.began.elapsed().as_secs_f64()
        ));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Nobody may be reading; then there is nobody to tell.
fn tell(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}
