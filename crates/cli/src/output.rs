//! The one place that reads from and writes to people: standard streams, or a test's buffers.

use jiff::{Timestamp, tz::TimeZone};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

/// Which standard streams are a person's terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interactive {
    /// A person can answer.
    pub input: bool,
    /// A person reads the results.
    pub output: bool,
    /// A person sees the progress.
    pub errors: bool,
}

/// Asks for a secret without showing it.
pub type AskSecret = Box<dyn FnMut(&str) -> io::Result<String> + Send>;

/// Where commands read, print and ask.
pub struct Terminal {
    /// Standard input.
    pub input: Box<dyn BufRead + Send>,
    /// Standard output: results only.
    pub output: Box<dyn Write + Send>,
    /// Standard error: progress, questions, hints, errors.
    pub errors: Box<dyn Write + Send>,
    /// Which of them are terminals.
    pub interactive: Interactive,
    /// Columns for tables; `None` asks the terminal.
    pub width: Option<u16>,
    /// The zone in which people are shown times.
    pub time_zone: TimeZone,
    /// Asks for a secret without echo.
    pub ask_secret: AskSecret,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Terminal")
            .field("interactive", &self.interactive)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl Terminal {
    /// The process's own standard streams.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(BufReader::new(io::stdin())),
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
            interactive: Interactive {
                input: io::stdin().is_terminal(),
                output: io::stdout().is_terminal(),
                errors: io::stderr().is_terminal(),
            },
            width: None,
            time_zone: TimeZone::system(),
            ask_secret: Box::new(|question| rpassword::prompt_password(question)),
        }
    }

    /// Writes a result to standard output. The text is trusted or has been [`clean`]ed.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    /// Writes a JSON document as it is, ended by one line feed.
    pub(crate) fn json(&mut self, document: &str) -> io::Result<()> {
        self.text(&format!("{}\n", document.trim_end()))
    }

    /// Writes to standard error.
    pub(crate) fn error_text(&mut self, text: &str) -> io::Result<()> {
        self.errors.write_all(text.as_bytes())?;
        self.errors.flush()
    }

    /// Reads one line from standard input, without its end; `None` at the end of the input.
    pub(crate) fn read_line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// A moment as people read it: local time, to the minute.
    pub(crate) fn time(&self, moment: Timestamp) -> String {
        moment
            .to_zoned(self.time_zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// A moment that may be missing.
    pub(crate) fn time_or_dash(&self, moment: Option<Timestamp>) -> String {
        moment.map_or_else(|| "-".to_owned(), |moment| self.time(moment))
    }
}

/// Takes out what a terminal would obey: a company's name must not move the cursor, recolour the
/// screen or turn the direction of the text. Line feeds stay.
pub(crate) fn clean(text: &str) -> String {
    let obeyed = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|character| if obeyed(character) { '\u{fffd}' } else { character })
        .collect()
}

/// A size as people read it.
pub(crate) fn size(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{value:.1} {}", UNITS[unit]),
    }
}

/// A duration as people read it.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_taken_out() {
        assert_eq!(
            clean("Ac\u{1b}[31mme\u{202e}\u{9b}2J\n"),
            "Ac\u{fffd}[31mme\u{fffd}\u{fffd}2J\n"
        );
        assert_eq!(clean("Peña & Hijos, S.R.L."), "Peña & Hijos, S.R.L.");
    }

    #[test]
    fn sizes_and_durations_are_read_at_a_glance() {
        assert_eq!([size(512), size(27_500_000)], ["512 B", "26.2 MiB"]);
        assert_eq!(
            [duration(312), duration(4_250), duration(125_000)],
            ["312 ms", "4.2 s", "2 min 5 s"]
        );
    }
}
