//! Rows as `COPY … FROM stdin` has them in a dump: one a line, values apart by tabs.

use std::io::{self, BufRead, ErrorKind};

/// The longest line that is read: PostgreSQL's values end at a gigabyte.
const LONGEST: u64 = 2 << 30;

/// The head of a block of rows: the columns, in their order.
pub(super) fn columns(line: &str) -> Option<Vec<String>> {
    let rest = line.trim_end().strip_prefix("COPY ")?;
    let list = rest.strip_suffix(" FROM stdin;")?;
    let (_, list) = list.strip_suffix(')')?.split_once(" (")?;
    Some(
        list.split(", ")
            .map(|name| name.trim_matches('"').to_owned())
            .collect(),
    )
}

/// Reads a line without its end; nothing at the end of all.
pub(super) fn line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut limited = io::Read::take(&mut *from, LONGEST);
    limited.read_until(b'\n', line)?;
    match line.last() {
        Some(b'\n') => {
            line.pop();
            Ok(true)
        }
        Some(_) if line.len() as u64 >= LONGEST => Err(ErrorKind::InvalidData.into()),
        Some(_) => Ok(true),
        None => Ok(false),
    }
}

/// Whether the rows end here.
pub(super) fn is_end(line: &[u8]) -> bool {
    line == b"\\."
}

/// The values of a row; nothing for NULL.
pub(super) fn values(line: &[u8]) -> impl Iterator<Item = Option<Vec<u8>>> + '_ {
    line.split(|byte| *byte == b'\t').map(value)
}

fn value(text: &[u8]) -> Option<Vec<u8>> {
    if text == b"\\N" {
        return None;
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'b') => plain.push(8),
            Some(b'f') => plain.push(12),
            Some(b'n') => plain.push(b'\n'),
            Some(b'r') => plain.push(b'\r'),
            Some(b't') => plain.push(b'\t'),
            Some(b'v') => plain.push(11),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Some(plain)
}

/// A value as comma separated text has it. Nothing stands for NULL, and `""` for an empty text, as PostgreSQL's own CSV has it.
pub(super) fn quoted(value: Option<&[u8]>, to: &mut Vec<u8>) {
    let Some(value) = value else { return };
    let plain = !value.is_empty()
        && value != b"\\."
        && !value
            .iter()
            .any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r'))
        && !value.starts_with(b" ")
        && !value.ends_with(b" ");
    if plain {
        to.extend_from_slice(value);
        return;
    }
    to.push(b'"');
    for byte in value {
        if *byte == b'"' {
            to.push(b'"');
        }
        to.push(*byte);
    }
    to.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_block_names_its_columns() {
        assert_eq!(
            columns("COPY public.ir_attachment (id, \"name\", res_id) FROM stdin;"),
            Some(vec!["id".to_owned(), "name".to_owned(), "res_id".to_owned()])
        );
        assert_eq!(columns("SELECT 1;"), None);
    }

    #[test]
    fn what_was_escaped_is_plain_again_and_null_is_none() {
        let row: Vec<_> = values(b"1\t\\N\ta\\tb\\\\c\\n\t").collect();
        let text = |text: &[u8]| Some(text.to_vec());
        assert_eq!(row, vec![text(b"1"), None, text(b"a\tb\\c\n"), text(b"")]);
    }

    #[test]
    fn what_would_leave_its_field_is_quoted() {
        let csv = |value: Option<&[u8]>| {
            let mut to = Vec::new();
            quoted(value, &mut to);
            String::from_utf8(to).unwrap()
        };
        assert_eq!(csv(None), "");
        assert_eq!(csv(Some(b"")), "\"\"");
        assert_eq!(csv(Some(b"plain")), "plain");
        assert_eq!(csv(Some(b"a,\"b\"\n")), "\"a,\"\"b\"\"\n\"");
    }
}
