//! Dates, numbers and sizes as people of a language write them.

use crate::language::Language;
use jiff::{Timestamp, tz::TimeZone};

const STEP: f64 = 1024.0;
const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
const MONTHS_ES: [&str; 12] = [
    "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
];
const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A whole number with its thousands apart.
pub(crate) fn number(language: Language, number: i64) -> String {
    let separator = match language {
        Language::English => ',',
        // A space that does not break, as Spanish's academies and SI have it; four digits stand together.
        Language::Spanish => '\u{202f}',
    };
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    if language == Language::Spanish && digits.len() <= 4 {
        return format!("{sign}{digits}");
    }
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes in the unit that leaves one to three digits before the point.
#[expect(clippy::cast_precision_loss, reason = "three digits of it are shown")]
pub(crate) fn size(language: Language, bytes: i64) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value.abs() >= STEP && unit + 1 < UNITS.len() {
        value /= STEP;
        unit += 1;
    }
    let text = match unit > 0 && value.abs() < 10.0 {
        true => format!("{value:.1}"),
        false => format!("{value:.0}"),
    };
    let text = match language {
        Language::English => text,
        Language::Spanish => text.replace('.', ","),
    };
    let name = UNITS.get(unit).copied().unwrap_or_default();
    format!("{text}\u{a0}{name}")
}

/// A day.
pub(crate) fn date(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let month = usize::try_from(local.month() - 1).unwrap_or_default();
    let (day, year) = (local.day(), local.year());
    match language {
        Language::English => format!("{} {day}, {year}", MONTHS_EN.get(month).unwrap_or(&"")),
        Language::Spanish => format!("{day} {} {year}", MONTHS_ES.get(month).unwrap_or(&"")),
    }
}

/// A day and its minute.
pub(crate) fn moment(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let day = date(language, at, zone);
    match language {
        Language::English => {
            let hour = (local.hour() + 11) % 12 + 1;
            let half = if local.hour() < 12 { "AM" } else { "PM" };
            format!("{day}, {hour}:{:02} {half}", local.minute())
        }
        Language::Spanish => format!("{day}, {}:{:02}", local.hour(), local.minute()),
    }
}

/// How long ago something was, or how far ahead it is, in one unit.
pub(crate) fn distance(language: Language, at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let (amount, unit) = match seconds.abs() {
        0..=59 => {
            return language.pick("just now", "ahora mismo").to_owned();
        }
        60..=3_599 => (seconds.abs() / 60, "min"),
        3_600..=86_399 => (seconds.abs() / 3_600, "h"),
        _ => (seconds.abs() / 86_400, "d"),
    };
    match (language, seconds > 0) {
        (Language::English, true) => format!("{amount} {unit} ago"),
        (Language::English, false) => format!("in {amount} {unit}"),
        (Language::Spanish, true) => format!("hace {amount} {unit}"),
        (Language::Spanish, false) => format!("en {amount} {unit}"),
    }
}

/// How long something took.
pub(crate) fn took(language: Language, milliseconds: u64) -> String {
    match milliseconds {
        0..=999 => format!("{milliseconds}\u{a0}ms"),
        1_000..=59_999 => {
            let tenths = milliseconds / 100;
            let point = language.pick(".", ",");
            format!("{}{point}{}\u{a0}s", tenths / 10, tenths % 10)
        }
        _ => format!(
            "{}\u{a0}min {}\u{a0}s",
            milliseconds / 60_000,
            milliseconds % 60_000 / 1_000
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_follow_the_language() {
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::Spanish, 1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(Language::Spanish, 1_234), "1234");
        assert_eq!(size(Language::English, 1_610_612_736), "1.5\u{a0}GB");
        assert_eq!(size(Language::Spanish, 1_610_612_736), "1,5\u{a0}GB");
        assert_eq!(size(Language::Spanish, 900), "900\u{a0}B");
    }

    #[test]
    fn moments_are_told_in_the_readers_time_zone() {
        let at: Timestamp = "2026-11-29T02:05:00Z".parse().expect("a time");
        let zone = TimeZone::get("America/Santo_Domingo").expect("a zone");
        assert_eq!(moment(Language::English, at, &zone), "Nov 28, 2026, 10:05 PM");
        assert_eq!(moment(Language::Spanish, at, &zone), "28 nov 2026, 22:05");
    }

    #[test]
    fn distances_name_one_unit() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
        let then: Timestamp = "2026-11-29T09:30:00Z".parse().expect("a time");
        assert_eq!(distance(Language::English, then, now), "2 h ago");
        assert_eq!(distance(Language::Spanish, then, now), "hace 2 h");
        assert_eq!(distance(Language::Spanish, now, then), "en 2 h");
    }
}
