//! SQL on its way into the new database: whose it was is left out, since everything belongs to the one who fills it, and versions that
//! are too new are told before they fail somewhere in the middle.
//!
//! This makes dumps fit; what keeps them in is the role that fills, and psql's restricted mode.

use super::refused;
use crate::error::StepFailure;
use std::io::{self, BufRead, BufReader, Read, Write};

/// How far the head of a dump goes, in lines.
const HEAD: usize = 200;
/// The longest line.
const LONGEST: u64 = 1 << 30;
/// What a dump may make; all of them are harmless by PostgreSQL's own word.
pub(crate) const EXTENSIONS: [&str; 13] = [
    "plpgsql",
    "pg_trgm",
    "unaccent",
    "btree_gin",
    "btree_gist",
    "citext",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "ltree",
    "pgcrypto",
    "tablefunc",
    "uuid-ossp",
];

/// What became of copying it.
#[derive(Debug)]
pub(crate) enum Passed {
    /// All of it.
    Whole,
    /// Nobody takes more of it, or it cannot be read further.
    Cut(io::Error),
}

/// Copies a dump; `server` is the major version of the PostgreSQL here.
pub(crate) fn pass(from: impl Read, to: &mut impl Write, server: u32) -> Result<Passed, StepFailure> {
    let mut from = BufReader::with_capacity(256 << 10, from);
    let (mut line, mut number, mut within) = (Vec::new(), 0_usize, false);
    loop {
        line.clear();
        match (&mut from).take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(Passed::Whole),
            Ok(_) => {}
            Err(error) => return Ok(Passed::Cut(error)),
        }
        number += 1;
        if within {
            within = !line.starts_with(b"\\.");
        } else {
            if number <= HEAD {
                check_head(&line, server)?;
            }
            if is_left_out(&line)? {
                continue;
            }
            within = line.starts_with(b"COPY ") && line.trim_ascii_end().ends_with(b" FROM stdin;");
        }
        if let Err(error) = to.write_all(&line) {
            return Ok(Passed::Cut(error));
        }
    }
}

fn check_head(line: &[u8], server: u32) -> Result<(), StepFailure> {
    let text = String::from_utf8_lossy(line);
    let Some(version) = text.strip_prefix("-- Dumped from database version ") else {
        return Ok(());
    };
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    match major.parse::<u32>() {
        Ok(major) if major > server => Err(refused(format!(
            "The dump comes from PostgreSQL {major}, and {server} is here, which cannot read all of it. Import it at a node with \
             PostgreSQL {major} or later."
        ))),
        _ => Ok(()),
    }
}

fn is_left_out(line: &[u8]) -> Result<bool, StepFailure> {
    let text = String::from_utf8_lossy(line.get(..line.len().min(400)).unwrap_or_default());
    let text = text.trim_end();
    let owner = text.starts_with("ALTER ") && text.contains(" OWNER TO ") && text.ends_with(';');
    let right = (text.starts_with("GRANT ") || text.starts_with("REVOKE ")) && text.ends_with(';');
    let own = text.starts_with("\\restrict ") || text.starts_with("\\unrestrict ");
    let of_extension = text.starts_with("COMMENT ON EXTENSION ");
    if let Some(rest) = text.strip_prefix("CREATE EXTENSION ") {
        let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        let name: String = rest
            .trim_start_matches('"')
            .chars()
            .take_while(|c| !matches!(c, ' ' | ';' | '"'))
            .collect();
        if !EXTENSIONS.contains(&name.as_str()) {
            return Err(refused(format!(
                "The dump wants PostgreSQL's extension {:?}, which tenants do not have here. Remove what needs it, and make the dump anew.",
                name.chars().take(40).collect::<String>()
            )));
        }
    }
    Ok(owner || right || own || of_extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(text: &str) -> Result<String, String> {
        let mut to = Vec::new();
        match pass(text.as_bytes(), &mut to, 15) {
            Ok(Passed::Whole) => Ok(String::from_utf8(to).unwrap()),
            Ok(Passed::Cut(error)) => Err(error.to_string()),
            Err(failure) => Err(failure.detail),
        }
    }

    #[test]
    fn whose_it_was_is_left_out_and_rows_are_not_touched() {
        let dump = "\\restrict abc\nCREATE TABLE t (a text);\nALTER TABLE public.t OWNER TO odoo16;\n\
            GRANT ALL ON t TO bob;\nCOPY public.t (a) FROM stdin;\nGRANT x;\n\\\\restrict\n\\.\n\\unrestrict abc\n";
        assert_eq!(
            passed(dump).unwrap(),
            "CREATE TABLE t (a text);\nCOPY public.t (a) FROM stdin;\nGRANT x;\n\\\\restrict\n\\.\n"
        );
    }

    #[test]
    fn newer_versions_and_strange_extensions_are_told_in_words() {
        let newer = passed("-- Dumped from database version 17.2\n").unwrap_err();
        assert!(newer.contains("PostgreSQL 17"), "{newer}");
        assert!(passed("-- Dumped from database version 14.1\n").is_ok());
        let strange = passed("CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;\n").unwrap_err();
        assert!(strange.contains("dblink"), "{strange}");
        assert!(passed("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public;\n").is_ok());
    }
}
