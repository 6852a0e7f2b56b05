//! One table out of a dump.

use super::copied::{columns, is_end, line, quoted, values};
use super::cut;
use crate::error::{Code, NodeError, StepFailure};
use std::io::{self, BufReader, Read, Write};

/// What the program begins the table's own lines with.
const HEAD: &str = "CREATE TABLE ";

/// Writes the rows as comma separated text; says whether the table is there.
pub(super) fn csv(from: &mut dyn Read, to: &mut impl Write) -> Result<bool, StepFailure> {
    let mut from = BufReader::with_capacity(256 << 10, from);
    let (mut text, mut row, mut is_found) = (Vec::new(), Vec::new(), false);
    let mut within = false;
    while line(&mut from, &mut text).map_err(unread)? {
        if !within {
            let head = columns(&String::from_utf8_lossy(&text));
            if let Some(head) = head.filter(|_| !is_found) {
                (within, is_found) = (true, true);
                write(
                    &mut row,
                    head.iter().map(|name| Some(name.as_bytes().to_vec())),
                    to,
                )?;
            }
        } else if is_end(&text) {
            within = false;
        } else {
            write(&mut row, values(&text), to)?;
        }
    }
    Ok(is_found)
}

fn write(
    row: &mut Vec<u8>,
    values: impl Iterator<Item = Option<Vec<u8>>>,
    to: &mut impl Write,
) -> Result<(), StepFailure> {
    row.clear();
    for (index, value) in values.enumerate() {
        if index > 0 {
            row.push(b',');
        }
        quoted(value.as_deref(), row);
    }
    row.extend_from_slice(b"\r\n");
    to.write_all(row).map_err(cut)
}

/// Writes the table as SQL; says whether it is there.
pub(super) fn sql(from: &mut dyn Read, to: &mut impl Write) -> Result<bool, StepFailure> {
    let mut from = BufReader::with_capacity(256 << 10, from);
    let (mut text, mut is_found, mut within) = (Vec::new(), false, false);
    while line(&mut from, &mut text).map_err(unread)? {
        let head = String::from_utf8_lossy(text.get(..HEAD.len()).unwrap_or_default());
        is_found |= !within && head == HEAD;
        within = match within {
            true => !is_end(&text),
            false => text.starts_with(b"COPY ") && text.ends_with(b" FROM stdin;"),
        };
        text.push(b'\n');
        to.write_all(&text).map_err(cut)?;
    }
    Ok(is_found)
}

pub(super) fn unread(source: io::Error) -> StepFailure {
    NodeError::Stream { source }.into()
}

/// The backup has no such table.
pub(super) fn missing(table: &str) -> StepFailure {
    let detail = format!("The backup has no table {table} in the schema public. Look at how it is spelled.");
    StepFailure::new(Code::NothingFits, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str =
        "SET x = 1;\nCOPY public.t (id, \"name\") FROM stdin;\n1\tAna, \\\"B\\\"\n2\t\\N\n\\.\n\nSELECT 1;\n";

    #[test]
    fn rows_become_comma_separated_text() {
        let mut csv_text = Vec::new();
        assert!(csv(&mut DUMP.as_bytes(), &mut csv_text).unwrap());
        assert_eq!(
            String::from_utf8(csv_text).unwrap(),
            "id,name\r\n1,\"Ana, \"\"B\"\"\"\r\n2,\r\n"
        );
        assert!(!csv(&mut "SELECT 1;\n".as_bytes(), &mut Vec::new()).unwrap());
    }

    #[test]
    fn a_table_is_found_by_its_own_line_and_not_by_a_row_that_looks_like_one() {
        let fake = "COPY public.t (id) FROM stdin;\nCREATE TABLE x\n\\.\n";
        assert!(!sql(&mut fake.as_bytes(), &mut Vec::new()).unwrap());
        let mut copy = Vec::new();
        assert!(sql(&mut "CREATE TABLE public.t (\n);\n".as_bytes(), &mut copy).unwrap());
        assert_eq!(copy, b"CREATE TABLE public.t (\n);\n");
    }
}
