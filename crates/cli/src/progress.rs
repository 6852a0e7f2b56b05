//! An operation's steps, as they happen: a moving line on a terminal, plain lines elsewhere.

use crate::output::{Terminal, clean, duration};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::time::Duration;
use wire::operation::{Operation, OperationStep};

/// How the moving line turns; redrawn ten times a second.
const TICK: Duration = Duration::from_millis(100);

/// Tells each change of a step once.
#[derive(Debug)]
pub(crate) struct Progress {
    form: Form,
    /// The operation's and its steps' states as last told.
    told: Vec<String>,
}

#[derive(Debug)]
enum Form {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Progress {
    /// Progress that says nothing.
    pub(crate) fn silent() -> Self {
        Self {
            form: Form::Nothing,
            told: Vec::new(),
        }
    }

    /// Progress in the form that suits the terminal.
    pub(crate) fn on(terminal: &Terminal) -> Self {
        let form = if terminal.interactive.errors {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(ProgressStyle::default_spinner());
            bar.enable_steady_tick(TICK);
            Form::Bar(bar)
        } else {
            Form::Lines
        };
        Self {
            form,
            told: Vec::new(),
        }
    }

    /// Tells what is new.
    pub(crate) fn tell(&mut self, terminal: &mut Terminal, operation: &Operation) -> io::Result<()> {
        let now: Vec<String> = std::iter::once(operation.state.clone())
            .chain(operation.steps.iter().map(|step| step.state.clone()))
            .collect();
        let told = std::mem::replace(&mut self.told, now);
        if told.is_empty() || (operation.steps.is_empty() && told.first() != Some(&operation.state)) {
            self.say(terminal, &waiting(operation))?;
        }
        for (index, step) in operation.steps.iter().enumerate() {
            if told.get(index + 1) != Some(&step.state) {
                self.step(terminal, step)?;
            }
        }
        Ok(())
    }

    fn say(&self, terminal: &mut Terminal, text: &str) -> io::Result<()> {
        match &self.form {
            Form::Nothing => Ok(()),
            Form::Lines => terminal.error_text(&format!("{}\n", clean(text))),
            Form::Bar(bar) => {
                bar.set_message(clean(text));
                Ok(())
            }
        }
    }

    fn step(&self, terminal: &mut Terminal, step: &OperationStep) -> io::Result<()> {
        match &self.form {
            Form::Bar(bar) if step.state == "running" => bar.set_message(clean(&step.name)),
            Form::Bar(bar) => bar.println(clean(&step_text(step))),
            Form::Nothing | Form::Lines => return self.say(terminal, &step_text(step)),
        }
        Ok(())
    }

    /// Takes the moving line away.
    pub(crate) fn finish(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

fn waiting(operation: &Operation) -> String {
    let (kind, subject) = (&operation.kind, &operation.subject);
    let Some(node) = &operation.node else {
        return format!("{kind} {subject}: {}", operation.state);
    };
    match operation.state.as_str() {
        "queued" => format!("{kind} {subject}: waiting for node {node}"),
        state => format!("{kind} {subject}: {state} on node {node}"),
    }
}

/// `✓ clone  312 ms`, with what a person should know of it.
pub(crate) fn step_text(step: &OperationStep) -> String {
    let mark = match step.state.as_str() {
        "done" => '✓',
        "failed" => '✗',
        "skipped" | "undone" => '-',
        _ => '…',
    };
    let time = step
        .milliseconds
        .map(|time| format!("  {}", duration(time)))
        .unwrap_or_default();
    let note = step
        .note
        .as_ref()
        .map(|note| format!("  ({note})"))
        .unwrap_or_default();
    format!("  {mark} {}{time}{note}", step.name)
}
