//! Texts that somebody will send sooner or later.

/// What breaks programs that glue texts together.
pub const HOSTILE: [&str; 11] = [
    "'; DROP DATABASE x; --",
    "$(id)",
    "`id`",
    "--version",
    "../../etc",
    "a\0b",
    "abc\u{202e}fed",
    "🦤🦤🦤🦤",
    "a\nb\r\nc",
    "<script>alert(1)</script>",
    "%s%n{0}${jndi:ldap://x}",
];

/// Those of them that no text at all may hold.
pub const CONTROL: [&str; 3] = ["a\0b", "a\nb\r\nc", "\u{7f}abc\u{1b}[31m"];

/// So many characters.
pub fn long(count: usize) -> String {
    "a".repeat(count)
}
