//! All that an entry says, as the one text that is hashed: JSON whose names stand in their order.

use serde_json::{Value, json};
use std::fmt::Write as _;
use store::AuditRecord;

/// The text of an entry. Whatever is added here changes the hash of every entry: new columns are left out while empty.
pub(crate) fn content(record: &AuditRecord) -> String {
    let whole = json!({
        "id": record.id,
        "at": record.at,
        "actor": record.actor,
        "role": record.role,
        "action": record.action,
        "outcome": record.outcome,
        "subject": record.subject,
        "organization": record.organization,
        "tenant": record.tenant,
        "operation": record.operation,
        "request_id": record.request_id,
        "address": record.address,
        "reason": record.reason,
        "detail": record.detail,
    });
    let mut text = String::new();
    write(&whole, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let mut lead = '{';
            for name in &names {
                // Writing into a String cannot fail.
                let _ = write!(text, "{lead}{}:", Value::from(name.as_str()));
                fields.get(*name).into_iter().for_each(|field| write(field, text));
                lead = ',';
            }
            text.push_str(if names.is_empty() { "{}" } else { "}" });
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_their_order_at_any_depth() {
        let mut text = String::new();
        write(
            &json!({ "b": [1, { "d": "x\n", "c": null }], "a": {} }),
            &mut text,
        );
        assert_eq!(text, r#"{"a":{},"b":[1,{"c":null,"d":"x\n"}]}"#);
    }
}
