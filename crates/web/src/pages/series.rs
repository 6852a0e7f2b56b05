//! The chart of sizes over time: two areas, one upon the other, and what they mean in words.

use super::format;
use super::view::{View, escaped};
use std::fmt::Write as _;
use wire::database::SizePoint;

/// Width and height of the chart, in its own measure.
const WIDE: i64 = 1_000;
const TALL: i64 = 100;

/// Databases below, files upon them, each point where its time is.
pub(super) fn series(v: &View, points: &[SizePoint], name: &str) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return format!("<p class=\"muted\">{}</p>", escaped(v.nothing_yet.as_str()));
    };
    let most = points.iter().map(whole).max().unwrap_or_default().max(1);
    let span = (last.at.as_second() - first.at.as_second()).max(1);
    let height = |bytes: i64| {
        TALL - i64::try_from(i128::from(bytes) * i128::from(TALL) / i128::from(most)).unwrap_or(TALL)
    };
    let area = |of: fn(&SizePoint) -> i64| {
        // From the left edge, so that a single point is a line, too.
        let mut path = format!("M0 {TALL}V{}", height(of(first)));
        for point in points {
            let at = (point.at.as_second() - first.at.as_second()) * WIDE / span;
            let _ = write!(path, "L{at} {}", height(of(point)));
        }
        let _ = write!(path, "H{WIDE}V{TALL}Z");
        path
    };
    let size = |bytes: i64| format::size(v.language, bytes);
    let date = |point: &SizePoint| format::date(v.language, point.at, v.time_zone());
    format!(
        "<svg class=\"chart series\" viewBox=\"0 0 {WIDE} {TALL}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}: {} {}, {} {}\">\
         <path class=\"files\" d=\"{}\"/><path class=\"data\" d=\"{}\"/><path class=\"rule\" d=\"M0 {TALL}H{WIDE}\"/></svg>\
         <p class=\"chart-ends\"><span>{} · {}</span><span>{}</span><span>{} · {}</span></p>\
         <p class=\"legend\"><span><i class=\"key data\"></i>{}</span><span><i class=\"key files\"></i>{}</span></p>",
        escaped(name),
        date(first),
        size(whole(first)),
        date(last),
        size(whole(last)),
        area(whole),
        area(|point| point.database_bytes),
        date(first),
        size(whole(first)),
        escaped(&v.db_most.with(size(most))),
        date(last),
        size(whole(last)),
        escaped(v.db_data.as_str()),
        escaped(v.db_files.as_str()),
    )
}

fn whole(point: &SizePoint) -> i64 {
    point
        .database_bytes
        .saturating_add(point.file_bytes.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn point(hour: i64, database_bytes: i64, file_bytes: Option<i64>) -> SizePoint {
        SizePoint {
            at: jiff::Timestamp::from_second(hour * 3_600).expect("a time"),
            database_bytes,
            file_bytes,
        }
    }

    #[test]
    fn points_stand_where_their_time_is_and_files_upon_databases() {
        let v = View::sample(Language::English);
        let drawn = series(
            &v,
            &[point(0, 40, None), point(1, 50, Some(50)), point(4, 50, Some(30))],
            "Size",
        );
        assert!(
            drawn.contains("d=\"M0 100V60L0 60L250 0L1000 20H1000V100Z\""),
            "{drawn}"
        );
        assert!(
            drawn.contains("class=\"data\" d=\"M0 100V60L0 60L250 50L1000 50H1000V100Z\""),
            "{drawn}"
        );
        assert!(!drawn.contains("style="));
    }

    #[test]
    fn one_point_is_a_line_and_none_is_said() {
        let v = View::sample(Language::Spanish);
        assert!(series(&v, &[point(7, 10, None)], "Size").contains("M0 100V0L0 0H1000V100Z"));
        assert!(series(&v, &[], "Size").starts_with("<p"));
    }
}
