//! A statement of SQL without what was in it: literals and comments are taken out before anybody sees it, because they hold
//! customers' data and now and then a password.

/// What stands in the place of a literal.
const HOLE: char = '?';
/// The most characters of a statement that are shown.
pub const LONGEST: usize = 300;

/// The statement on one line, without its literals and comments, and not longer than [`LONGEST`] characters.
///
/// A literal that does not end, as in a text that PostgreSQL cut off, takes the rest with it. A backslash ends no literal early but in
/// `E''`, as PostgreSQL has read it since 9.1; with `standard_conforming_strings` off nobody should rely on this.
pub fn without_literals(text: &str) -> String {
    let mut reader = Reader {
        rest: text,
        told: String::with_capacity(text.len().min(LONGEST * 4)),
        is_cut: false,
    };
    while !reader.rest.is_empty() {
        if reader.told.chars().count() > LONGEST {
            reader.is_cut = true;
            break;
        }
        reader.one();
    }
    let told = reader.told.trim();
    let short: String = told.chars().take(LONGEST).collect();
    if reader.is_cut || short.len() < told.len() {
        format!("{}…", short.trim_end())
    } else {
        short
    }
}

struct Reader<'a> {
    rest: &'a str,
    told: String,
    is_cut: bool,
}

impl Reader<'_> {
    /// Reads one thing: a comment, a literal, a quoted name, a word, a number, or a character.
    fn one(&mut self) {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return };
        if rest.starts_with("--") {
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            return self.pass(end, Some(' '));
        }
        if rest.starts_with("/*") {
            return self.pass(comment(rest), Some(' '));
        }
        match first {
            '\'' => self.pass(quoted(rest, '\'', false), Some(HOLE)),
            // A name, which is no literal; one that does not end may be anything.
            '"' => match quoted(rest, '"', false) {
                end if end > 1 && rest[..end].ends_with('"') => self.keep(end),
                end => self.pass(end, Some(HOLE)),
            },
            '$' => self.dollar(),
            _ if first.is_whitespace() => self.pass(first.len_utf8(), Some(' ')),
            _ if first.is_ascii_digit() => {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
                    .unwrap_or(rest.len());
                self.pass(end, Some(HOLE));
            }
            _ if first.is_alphabetic() || first == '_' => self.word(),
            _ => self.keep(first.len_utf8()),
        }
    }

    /// A word, or a literal that a word stands right before: `E''`, `B''`, `X''`, `N''`, `U&''`.
    fn word(&mut self) {
        let rest = self.rest;
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after_mark = after.strip_prefix('&').filter(|_| word.eq_ignore_ascii_case("u"));
        if let Some(literal) = after_mark.filter(|after| after.starts_with('\'')) {
            return self.pass(end + 1 + quoted(literal, '\'', false), Some(HOLE));
        }
        let is_mark = word.len() == 1 && word.eq_ignore_ascii_case("e");
        if after.starts_with('\'') && word.len() == 1 {
            return self.pass(end + quoted(after, '\'', is_mark), Some(HOLE));
        }
        self.keep(end);
    }

    /// A parameter, `$1`, or a literal in dollars, `$tag$…$tag$`.
    fn dollar(&mut self) {
        let rest = self.rest;
        let inner = &rest[1..];
        let end = inner
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(inner.len());
        if inner[end..].starts_with('$') && !inner.starts_with(|c: char| c.is_ascii_digit()) {
            let tag = &rest[..end + 2];
            let body = &rest[tag.len()..];
            let length = body.find(tag).map_or(rest.len(), |at| tag.len() * 2 + at);
            return self.pass(length, Some(HOLE));
        }
        let is_parameter = end > 0 && inner[..end].bytes().all(|byte| byte.is_ascii_digit());
        if is_parameter {
            self.keep(end + 1);
        } else {
            // A tag that was cut off, for all that one can tell.
            self.pass(rest.len(), Some(HOLE));
        }
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.told
            .extend(kept.chars().map(|c| if c.is_control() { ' ' } else { c }));
        self.rest = rest;
    }

    /// Passes over it; what stands in its place is not repeated.
    fn pass(&mut self, length: usize, instead: Option<char>) {
        self.rest = self.rest.get(length..).unwrap_or_default();
        if let Some(instead) = instead.filter(|instead| !self.told.ends_with(*instead)) {
            self.told.push(instead);
        }
    }
}

/// How long a text in these quotes is, all of the rest if it does not end. Doubled quotes are inside of it.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

/// How long a comment is with those that are nested in it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn literals_and_comments_are_taken_out_and_names_and_parameters_stay() {
        for (text, told) in [
            ("SELECT 'secret'", "SELECT ?"),
            (
                "SELECT  a1,\n\t\"b 2\" FROM t2 WHERE x = 12.5e3 AND y = $1",
                "SELECT a1, \"b 2\" FROM t2 WHERE x = ? AND y = $1",
            ),
            ("SELECT 'it''s secret', 2", "SELECT ?, ?"),
            (
                r"SELECT E'it\'s secret', B'101', x'ff', U&'d\0061t'",
                "SELECT ?, ?, ?, ?",
            ),
            (r"SELECT 'C:\' , 'secret'", "SELECT ? , ?"),
            ("SELECT $tag$ a 'secret' $$ $tag$, 3", "SELECT ?, ?"),
            ("SELECT $$secret$$", "SELECT ?"),
            ("-- secret\nSELECT /* secret /* nested */ more */ 1", "SELECT ?"),
            ("ALTER ROLE odoo PASSWORD 'secret", "ALTER ROLE odoo PASSWORD ?"),
            ("SELECT \"secret", "SELECT ?"),
            ("SELECT $body$ secret", "SELECT ?"),
            ("SELECT $bod", "SELECT ?"),
            (
                "INSERT INTO t VALUES (1,'a'),(2,'b')",
                "INSERT INTO t VALUES (?,?),(?,?)",
            ),
            ("", ""),
        ] {
            assert_eq!(without_literals(text), told, "{text}");
        }
    }

    #[test]
    fn long_statements_are_cut_and_say_so() {
        let told = without_literals(&format!("SELECT {}", "some_column, ".repeat(100)));
        assert_eq!(told.chars().last(), Some('…'));
        assert!(told.chars().count() <= LONGEST + 1);
    }

    proptest! {
        #[test]
        fn nothing_of_a_literal_is_ever_told(before in "[a-z ,=(]{0,20}", secret in "[A-Z]{6,12}", after in "[a-z ,=)]{0,20}") {
            for literal in [format!("'{secret}'"), format!("E'\\'{secret}'"), format!("$q$'{secret}$q$"), format!("/*{secret}*/"), format!("'x''{secret}")] {
                let told = without_literals(&format!("{before} {literal} {after}"));
                prop_assert!(!told.contains(&secret), "{}", told);
            }
        }

        #[test]
        fn any_text_is_read_to_its_end(text in "\\PC{0,80}|[ '\"$a1E\\\\/*\\-\n]{0,60}") {
            let told = without_literals(&text);
            prop_assert!(told.chars().count() <= LONGEST + 1);
        }
    }
}
