//! Runs a command line as the binary would, with another environment and other streams.

use crate::server::Server;
use clap::Parser;
use cli::{Environment, Exit, Interactive, Terminal};
use jiff::tz::TimeZone;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The key that commands use unless a test says otherwise.
pub const KEY: &str = "tnt_0123456789abcdef";

// A program with the commands among its own, as the binary has them.
/// The binary's own description
#[derive(Parser)]
#[command(name = "tenantry")]
pub struct Program {
    #[command(subcommand)]
    pub top: Top,
}

/// Its commands.
#[derive(clap::Subcommand)]
pub enum Top {
    #[command(flatten)]
    Operator(Box<cli::Command>),
    /// A command of the binary's own with an option of the same name.
    Up {
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ended {
    pub exit: Exit,
    pub output: String,
    pub errors: String,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A shell in which a command is given.
#[derive(Default)]
pub struct Shell {
    pub environment: Environment,
    input: String,
    secrets: Vec<&'static str>,
    interactive: Interactive,
    width: Option<u16>,
}

impl Shell {
    /// A shell whose environment names the server and a key.
    pub fn of(server: &Server) -> Self {
        Self::empty()
            .with("TENANTRY_SERVER", &format!("http://{}", server.address))
            .with("TENANTRY_API_KEY", KEY)
    }

    /// A shell that knows no server.
    pub fn empty() -> Self {
        let directory = PathBuf::from("/nonexistent");
        Self {
            environment: Environment {
                directory,
                ..Environment::default()
            },
            ..Self::default()
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment
            .variables
            .insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// A person sits at the terminal and will type these secrets when asked.
    pub fn person(mut self, secrets: &[&'static str]) -> Self {
        self.interactive.input = true;
        self.secrets = secrets.to_vec();
        self
    }

    pub fn width(mut self, columns: u16) -> Self {
        self.width = Some(columns);
        self
    }

    /// Runs a command line that clap accepts.
    pub async fn run(self, line: &[&str]) -> Ended {
        let program =
            Program::try_parse_from(std::iter::once(&"tenantry").chain(line)).expect("an accepted line");
        let Top::Operator(command) = program.top else {
            panic!("not one of ours")
        };
        let (output, errors) = (Buffer::default(), Buffer::default());
        let mut secrets = self.secrets.into_iter();
        let mut terminal = Terminal {
            input: Box::new(Cursor::new(self.input)),
            output: Box::new(output.clone()),
            errors: Box::new(errors.clone()),
            interactive: self.interactive,
            width: self.width,
            time_zone: TimeZone::get("America/Santo_Domingo").unwrap(),
            ask_secret: Box::new(move |_| Ok(secrets.next().unwrap_or_default().to_owned())),
        };
        let exit = cli::run(&command, &self.environment, &mut terminal).await;
        Ended {
            exit,
            output: output.text(),
            errors: errors.text(),
        }
    }
}
