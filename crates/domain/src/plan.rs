//! What is sold: products and plans by name. Their rows live in the control database.

use crate::{rule::Rule, text::checked_text};

checked_text!(
    /// A plan's name: 2 to 40 of `a-z 0-9 - _`, letters or digits at both ends.
    PlanName, check_slug
);

checked_text!(
    /// A product's name: 2 to 40 of `a-z 0-9 - _`, letters or digits at both ends.
    ProductName, check_slug
);

impl ProductName {
    /// The product that every installation has.
    pub fn odoo() -> Self {
        Self("odoo".to_owned())
    }
}

fn check_slug(text: &str) -> Result<String, Rule> {
    if !(2..=40).contains(&text.chars().count()) {
        return Err(Rule::Length { min: 2, max: 40 });
    }
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if text.chars().all(|c| end(c) || c == '-' || c == '_') && !(text.starts_with(end) && text.ends_with(end))
    {
        return Err(Rule::Ends);
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(Rule::Characters {
            allowed: "a-z 0-9 - _",
        })
    }
}
