//! The walk along the chain.

use super::{Day, Hash, day_statement, drop_statement, entry_statement, link, start};
use std::fmt;

/// An entry in its place.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// Its place in the day, from 1.
    pub number: i64,
    /// Its identity, for whoever wants to look it up.
    pub entry: i64,
    /// All that it says.
    pub content: &'a str,
    /// The hash that was sealed.
    pub hash: Hash,
    /// The signature of the seal, with the last entry of each.
    pub signature: Option<&'a [u8]>,
}

/// How a day ends.
#[derive(Clone, Debug)]
pub enum DayEnd<'a> {
    /// It goes on.
    Open,
    /// It has ended.
    Closed {
        /// How many entries it had.
        entries: i64,
        /// The last hash.
        last: Hash,
        /// The signature of the head.
        signature: &'a [u8],
        /// When retention dropped the entries, as it was signed, and that signature.
        dropped: Option<(&'a str, &'a [u8])>,
    },
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The entry does not say what was sealed, or stands elsewhere.
    Altered,
    /// An entry that was sealed is not there.
    Missing,
    /// An entry that was never sealed stands here.
    Added,
    /// The signature of a seal is not by a known key.
    Seal,
    /// The last entry of the day that goes on is not signed: what came after it is gone, or it was added.
    Cut,
    /// The entries do not lead to the head that was signed.
    Content,
    /// The head of the day is not signed by a known key.
    Head,
    /// The day does not begin with what the day before ended with.
    Joint,
    /// The whole day is not there.
    Day,
    /// Nobody signed that the entries were dropped.
    Drop,
}

impl Broken {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Seal => "seal-forged",
            Self::Cut => "cut",
            Self::Content => "content",
            Self::Head => "head-forged",
            Self::Joint => "joint",
            Self::Day => "day-missing",
            Self::Drop => "drop-forged",
        }
    }

    /// In words for English readers.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Altered => "does not say what was sealed, or stands in another place",
            Self::Missing => "was sealed and is not there",
            Self::Added => "was never sealed",
            Self::Seal => "carries a signature that is not by a known key",
            Self::Cut => "is the last of the day and is not signed: later ones are gone, or it was added",
            Self::Content => "the entries do not lead to the signed head",
            Self::Head => "the head is not signed by a known key",
            Self::Joint => "does not follow from the day before",
            Self::Day => "the whole day is not there",
            Self::Drop => "the entries are gone, and nobody signed that they were dropped",
        }
    }
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The day.
    pub day: String,
    /// The place of the entry; nothing for what concerns the whole day.
    pub number: Option<i64>,
    /// The entry's identity, where it is there.
    pub entry: Option<i64>,
    /// What is wrong.
    pub broken: Broken,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = self.broken.english();
        match (self.number, self.entry) {
            (Some(number), Some(entry)) => {
                write!(
                    formatter,
                    "{}: entry {entry} (number {number}) {broken}",
                    self.day
                )
            }
            (Some(number), None) => {
                write!(formatter, "{}: the entry with number {number} {broken}", self.day)
            }
            (None, _) => write!(formatter, "{}: {broken}", self.day),
        }
    }
}

/// More findings than this say nothing more; they are counted.
const MOST: usize = 1000;

/// Goes along days and entries in their order and collects what is wrong. `V` says whether a known key signed a text.
#[derive(Debug)]
pub struct Walk<V> {
    signed: V,
    day: Option<Day>,
    before: Hash,
    previous: Hash,
    number: i64,
    is_signed: bool,
    /// Set after a gap, where the hash before the next entry is not known.
    gap: bool,
    ended: Option<(Day, Hash)>,
    in_day: usize,
    findings: Vec<Finding>,
    found: usize,
    days: u64,
    entries: u64,
}

impl<V: Fn(&str, &[u8]) -> bool> Walk<V> {
    /// A walk that has not begun.
    pub fn new(signed: V) -> Self {
        Self {
            signed,
            day: None,
            before: Hash::ZERO,
            previous: Hash::ZERO,
            number: 0,
            is_signed: true,
            gap: false,
            ended: None,
            in_day: 0,
            findings: Vec::new(),
            found: 0,
            days: 0,
            entries: 0,
        }
    }

    /// Comes to a day, which says with what the day before it ended.
    pub fn day(&mut self, day: Day, before: Hash) {
        self.in_day = 0;
        if let Some((last, hash)) = self.ended.take() {
            if day.number != last.number + 1 {
                let text = format!("after {}", last.text);
                self.note(text, None, None, Broken::Day);
            }
            if hash != before {
                self.note(day.text.clone(), None, None, Broken::Joint);
            }
        }
        self.previous = start(&day, before);
        self.before = before;
        self.number = 0;
        self.is_signed = true;
        self.gap = false;
        self.days += 1;
        self.day = Some(day);
    }

    /// Comes to the next entry of the day.
    pub fn entry(&mut self, link_: &Link<'_>) {
        let Some(day) = self.day.clone() else { return };
        self.entries += 1;
        let here = |broken| (Some(link_.number), Some(link_.entry), broken);
        let mut wrong = Vec::new();
        if link_.number <= self.number {
            wrong.push(here(Broken::Added));
        } else {
            for number in (self.number + 1..link_.number).take(MOST) {
                wrong.push((Some(number), None, Broken::Missing));
            }
            self.gap |= link_.number > self.number + 1;
            if !self.gap && link(self.previous, link_.content) != link_.hash {
                wrong.push(here(Broken::Altered));
            }
            self.gap = false;
            self.previous = link_.hash;
            self.number = link_.number;
        }
        self.is_signed = false;
        if let Some(signature) = link_.signature {
            let statement = entry_statement(&day, link_.number, link_.hash);
            self.is_signed = true;
            if !(self.signed)(&statement, signature) {
                wrong.push(here(Broken::Seal));
            }
        }
        for (number, entry, broken) in wrong {
            self.note(day.text.clone(), number, entry, broken);
        }
    }

    /// Comes to the end of the day.
    pub fn end(&mut self, end: &DayEnd<'_>) {
        let Some(day) = self.day.take() else { return };
        let DayEnd::Closed {
            entries,
            last,
            signature,
            dropped,
        } = end
        else {
            if !self.is_signed {
                self.note(day.text.clone(), Some(self.number), None, Broken::Cut);
            }
            self.ended = Some((day, self.previous));
            return;
        };
        if !(self.signed)(&day_statement(&day, *entries, *last, self.before), signature) {
            self.note(day.text.clone(), None, None, Broken::Head);
        }
        match dropped {
            Some((at, signature)) => {
                if !(self.signed)(&drop_statement(&day, *entries, *last, at), signature) {
                    self.note(day.text.clone(), None, None, Broken::Drop);
                }
            }
            None => self.compare(&day, *entries, *last),
        }
        self.ended = Some((day, *last));
    }

    fn compare(&mut self, day: &Day, entries: i64, last: Hash) {
        for number in (self.number + 1..=entries).take(MOST) {
            self.note(day.text.clone(), Some(number), None, Broken::Missing);
        }
        for number in (entries + 1..=self.number).take(MOST) {
            self.note(day.text.clone(), Some(number), None, Broken::Added);
        }
        if self.in_day == 0 && self.previous != last {
            self.note(day.text.clone(), None, None, Broken::Content);
        }
    }

    fn note(&mut self, day: String, number: Option<i64>, entry: Option<i64>, broken: Broken) {
        self.in_day += 1;
        self.found += 1;
        if self.findings.len() < MOST {
            self.findings.push(Finding {
                day,
                number,
                entry,
                broken,
            });
        }
    }

    /// What was found so far, at most a thousand of them.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How much was found.
    pub const fn found(&self) -> usize {
        self.found
    }

    /// How many days and entries it came along.
    pub const fn length(&self) -> (u64, u64) {
        (self.days, self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature that a test can make: the statement itself.
    fn signed(statement: &str, signature: &[u8]) -> bool {
        statement.as_bytes() == signature
    }

    type Row = (i64, String, Hash, Option<String>);

    fn day(number: i64) -> Day {
        Day {
            number,
            text: format!("day {number}"),
        }
    }

    fn rows(day: &Day, before: Hash, contents: &[&str]) -> Vec<Row> {
        let mut previous = start(day, before);
        let mut rows = Vec::new();
        for (number, content) in (1..).zip(contents) {
            previous = link(previous, content);
            let seal = entry_statement(day, number, previous);
            rows.push((number, (*content).to_owned(), previous, Some(seal)));
        }
        rows
    }

    fn findings(rows: &[Row], sealed: &[Row]) -> Vec<(Option<i64>, Broken)> {
        let today = day(1);
        let mut walk = Walk::new(signed);
        walk.day(today.clone(), Hash::ZERO);
        for (number, content, hash, seal) in rows {
            let signature = seal.as_ref().map(String::as_bytes);
            walk.entry(&Link {
                number: *number,
                entry: *number,
                content,
                hash: *hash,
                signature,
            });
        }
        let last = sealed.last().map_or(start(&today, Hash::ZERO), |row| row.2);
        let entries = sealed.len() as i64;
        let head = day_statement(&today, entries, last, Hash::ZERO);
        walk.end(&DayEnd::Closed {
            entries,
            last,
            signature: head.as_bytes(),
            dropped: None,
        });
        walk.findings()
            .iter()
            .map(|one| (one.number, one.broken))
            .collect()
    }

    #[test]
    fn a_whole_day_has_no_findings_and_each_change_is_found_where_it_is() {
        let whole = rows(&day(1), Hash::ZERO, &["a", "b", "c", "d"]);
        assert_eq!(findings(&whole, &whole), []);
        let mut altered = whole.clone();
        altered[1].1.push('x');
        assert_eq!(findings(&altered, &whole), [(Some(2), Broken::Altered)]);
        let mut gone = whole.clone();
        gone.remove(2);
        assert_eq!(findings(&gone, &whole), [(Some(3), Broken::Missing)]);
        assert_eq!(
            findings(&whole[..2], &whole),
            [(Some(3), Broken::Missing), (Some(4), Broken::Missing)]
        );
        let mut swapped = whole.clone();
        (swapped[0].1, swapped[1].1) = ("b".to_owned(), "a".to_owned());
        assert_eq!(
            findings(&swapped, &whole),
            [(Some(1), Broken::Altered), (Some(2), Broken::Altered)]
        );
        let longer = rows(&day(1), Hash::ZERO, &["a", "b", "c", "d", "e"]);
        assert_eq!(findings(&longer, &whole), [(Some(5), Broken::Added)]);
        // Rewritten from the second on, hashes and all, by somebody who has no key.
        let mut rewritten = rows(&day(1), Hash::ZERO, &["a", "x", "c", "d"]);
        for row in &mut rewritten {
            row.3 = None;
        }
        assert_eq!(findings(&rewritten, &whole), [(None, Broken::Content)]);
    }

    #[test]
    fn days_follow_each_other_and_a_day_that_goes_on_ends_with_a_seal() {
        let mut walk = Walk::new(signed);
        for number in [1, 3] {
            walk.day(day(number), Hash::ZERO);
            walk.end(&DayEnd::Open);
        }
        let found: Vec<Broken> = walk.findings().iter().map(|one| one.broken).collect();
        assert_eq!(found, [Broken::Day, Broken::Joint]);
        let mut walk = Walk::new(signed);
        walk.day(day(1), Hash::ZERO);
        let hash = link(start(&day(1), Hash::ZERO), "a");
        walk.entry(&Link {
            number: 1,
            entry: 9,
            content: "a",
            hash,
            signature: None,
        });
        walk.end(&DayEnd::Open);
        assert_eq!(
            walk.findings().iter().map(|one| one.broken).collect::<Vec<_>>(),
            [Broken::Cut]
        );
        assert_eq!(walk.length(), (1, 1));
    }
}
