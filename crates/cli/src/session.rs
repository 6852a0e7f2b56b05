//! What a command works with: the API, the terminal, and how the person wants to be answered.

use crate::client::{Client, is_loopback};
use crate::error::Error;
use crate::options::{Options, Patience};
use crate::output::Terminal;
use crate::progress::Progress;
use crate::request::{Answer, Request};
use crate::settings::{self, Environment};
use crate::{follow, table};
use domain::OperationId;
use reqwest::Method;
use std::io;
use wire::operation::Operation;

/// For whom results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Person,
    Machine,
}

/// One command's company.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) client: Client,
    pub(crate) terminal: &'a mut Terminal,
    pub(crate) reader: Reader,
    pub(crate) patience: Patience,
    talks: bool,
}

/// How a change went.
#[derive(Debug)]
pub(crate) enum Changed {
    /// It was done when the server answered.
    AtOnce(Answer),
    /// It goes on, and nobody wanted to wait.
    Accepted(Answer, String),
    /// Its operation was followed to its good end.
    Followed(Box<Operation>),
}

impl<'a> Session<'a> {
    pub(crate) fn open(
        options: &Options,
        environment: &Environment,
        terminal: &'a mut Terminal,
    ) -> Result<Self, Error> {
        let settings = settings::resolve(options, environment)?;
        let client = Client::new(&settings, options.spoken.unwrap_or_else(|| environment.spoken()))?;
        let mut session = Self {
            client,
            terminal,
            reader: if options.json {
                Reader::Machine
            } else {
                Reader::Person
            },
            patience: options.patience(),
            talks: !options.json && !options.quiet,
        };
        let server = session.client.server();
        if server.scheme() == "http" && !is_loopback(server) {
            let warning = format!(
                "warning: {} is not encrypted; the API key can be read on the way",
                server.origin().ascii_serialization()
            );
            session.hint(&warning)?;
        }
        Ok(session)
    }

    /// Says something by the way, on standard error.
    pub(crate) fn hint(&mut self, text: &str) -> io::Result<()> {
        match self.talks {
            true => self
                .terminal
                .error_text(&format!("{}\n", crate::output::clean(text))),
            false => Ok(()),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        if self.talks {
            Progress::on(self.terminal)
        } else {
            Progress::silent()
        }
    }

    /// Reads something.
    pub(crate) async fn read(&self, path: &[&str]) -> Result<Answer, Error> {
        self.client.send(&Request::read(path)).await
    }

    /// Changes something and follows the operation that it needs.
    pub(crate) async fn change(&mut self, request: &Request) -> Result<Changed, Error> {
        let answer = self.client.send(request).await?;
        if answer.status != 202 {
            return Ok(Changed::AtOnce(answer));
        }
        let operation = operation_of(&answer)?;
        if self.patience == Patience::None {
            return Ok(Changed::Accepted(answer, operation));
        }
        let ended = follow::follow(self, &operation).await?;
        Ok(Changed::Followed(Box::new(ended)))
    }

    /// Prints the server's answer for a machine, or rows for a person.
    pub(crate) fn print_rows(
        &mut self,
        answer: &Answer,
        headings: &[&str],
        rows: Vec<Vec<String>>,
        nothing: &str,
    ) -> Result<(), Error> {
        match self.reader {
            Reader::Machine => self.terminal.json(&answer.body)?,
            Reader::Person => table::print_table(self.terminal, headings, rows, nothing)?,
        }
        Ok(())
    }

    /// Prints the server's answer for a machine, or a text for a person.
    pub(crate) fn print(&mut self, answer: &Answer, text: &str) -> Result<(), Error> {
        match self.reader {
            Reader::Machine if answer.body.trim().is_empty() => {}
            Reader::Machine => self.terminal.json(&answer.body)?,
            Reader::Person => self.terminal.text(&format!("{}\n", crate::output::clean(text)))?,
        }
        Ok(())
    }

    /// Prints that an operation goes on.
    pub(crate) fn print_accepted(&mut self, answer: &Answer, operation: &str) -> Result<(), Error> {
        self.print(
            answer,
            &format!("Accepted. Follow it: tenantry operation watch {operation}"),
        )
    }
}

/// A `POST` below `/api`.
pub(crate) fn post(path: &[&str]) -> Request {
    Request::change(Method::POST, path)
}

/// The operation that an accepted change names, in `Location` or in its body.
pub(crate) fn operation_of(answer: &Answer) -> Result<String, Error> {
    #[derive(serde::Deserialize)]
    struct Named {
        operation_id: Option<String>,
        id: Option<String>,
    }
    let in_location = answer
        .location
        .as_deref()
        .and_then(|path| path.rsplit('/').next())
        .map(str::to_owned);
    let named = match in_location {
        Some(id) => Some(id),
        None => answer
            .decode::<Named>()
            .map(|named| named.operation_id.or(named.id))?,
    };
    let id = named.as_deref().and_then(|id| id.parse::<OperationId>().ok());
    match id {
        Some(id) => Ok(id.to_string()),
        None => Err(answer.foreign("an accepted change without its operation")),
    }
}
