//! What went, in words.

use super::lists;
use std::collections::BTreeMap;

/// More tables than these are only counted.
const MOST_TABLES: usize = 30;

/// What went.
pub(super) struct Report {
    rows: BTreeMap<String, i64>,
    /// Providers of payments and logins that were switched off.
    pub(super) providers: u64,
    /// Credentials that were in settings.
    pub(super) secrets: u64,
    /// Addresses and numbers that were in settings.
    pub(super) addresses: u64,
}

impl Report {
    pub(super) fn of(rows: BTreeMap<String, i64>) -> Self {
        Self {
            rows,
            providers: 0,
            secrets: 0,
            addresses: 0,
        }
    }

    /// The most important first; nothing that was not there.
    pub(super) fn sentences(mut self) -> Vec<String> {
        let mut told = Vec::new();
        let mut tell = |count: i64, one: &str, many: &str| {
            if count > 0 {
                told.push(format!(
                    "{} {}",
                    grouped(count),
                    if count == 1 { one } else { many }
                ));
            }
        };
        let mut take = |tables: &[&str]| {
            tables
                .iter()
                .filter_map(|table| self.rows.remove(*table))
                .sum::<i64>()
        };
        tell(take(&["res_users"]), "user", "users");
        tell(take(&["res_partner"]), "contact", "contacts");
        for (one, many, tables) in lists::EMPTIED {
            let count = take(tables);
            if !one.is_empty() {
                tell(count, one, many);
            }
        }
        tell(take(&["ir_attachment"]), "attachment", "attachments");
        tell(take(lists::OWN), "channel or chat", "channels and chats");
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        tell(
            count(self.providers),
            "provider of payments or logins, switched off",
            "providers of payments and logins, switched off",
        );
        tell(
            count(self.secrets),
            "credential or address in settings",
            "credentials and addresses in settings",
        );
        tell(
            count(self.addresses),
            "e-mail address or number elsewhere",
            "e-mail addresses and numbers elsewhere",
        );
        let rest: i64 = self.rows.values().skip(MOST_TABLES).sum();
        for (table, number) in self.rows.iter().take(MOST_TABLES) {
            let (one, many) = (format!("row of {table}"), format!("rows of {table}"));
            tell(*number, &one, &many);
        }
        tell(rest, "row of other tables", "rows of other tables");
        told.push(
            "the administrator's, the companies' and the websites' names, addresses and logos".to_owned(),
        );
        told
    }
}

/// 1204 as people write it: 1,204.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_is_told_in_words() {
        let rows = [
            ("res_users", 1),
            ("res_partner", 230),
            ("mail_message", 1204),
            ("sale_order_line", 2),
            ("bus_bus", 9),
        ];
        let rows = rows
            .into_iter()
            .map(|(table, count)| (table.to_owned(), count))
            .collect();
        let told = Report::of(rows).sentences();
        assert_eq!(
            told[..4],
            [
                "1 user",
                "230 contacts",
                "1,204 messages",
                "2 rows of sale_order_line"
            ]
        );
        assert_eq!(told.len(), 5);
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
    }
}
