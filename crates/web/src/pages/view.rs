//! What every page is made with: words, formats, who looks at it, what they may do.

use super::assets;
use super::format;
use super::icon::icon;
use super::series::series;
use super::text::{Text, Words, words};
use crate::App;
use crate::identity::Known;
use crate::language::Language;
use crate::problem::{Failure, Kind};
use askama::filters::Safe;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderMap, header, request::Parts};
use control::Caller;
use domain::{Action, Principal};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use std::borrow::Borrow;
use std::ops::Deref;
use wire::person::Me;

/// What a page is made with. Its words are fields of it: `v.nav_tenants`.
pub(crate) struct View {
    /// The language.
    pub(crate) language: Language,
    /// Who looks, if somebody is signed in.
    pub(crate) who: Option<Who>,
    /// The path of the page.
    pub(crate) path: String,
    /// `light`, `dark`, or nothing: as the system is.
    pub(crate) theme: &'static str,
    /// The present moment.
    pub(crate) now: Timestamp,
    /// The shortest new password.
    pub(crate) shortest: usize,
    words: &'static Words,
    zone: TimeZone,
    principal: Option<Principal>,
}

/// Who looks at a page.
pub(crate) struct Who {
    /// Their name, or their address.
    pub(crate) name: String,
    /// Their address; empty for a key.
    pub(crate) email: String,
    /// Their role's key in the message files, without its beginning.
    pub(crate) role: String,
    /// Whether they are of the operator's staff.
    pub(crate) is_staff: bool,
    /// The organizations that they belong to.
    pub(crate) memberships: Vec<wire::person::MembershipView>,
    /// Whether a second factor has to be set up first.
    pub(crate) must_enrol: bool,
}

/// A page for somebody who is signed in, and who asks.
pub(crate) struct Visit {
    /// What the page is made with.
    pub(crate) v: View,
    /// Who asks.
    pub(crate) caller: Caller,
}

impl Deref for View {
    type Target = Words;
    fn deref(&self) -> &Words {
        self.words
    }
}

/// A cookie that scripts of ours set: what a browser's holder prefers. None of them is believed in anything that counts.
fn preference(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

impl View {
    /// The view of a request, before anybody is known.
    pub(crate) fn of(app: &App, headers: &HeaderMap, path: &str) -> Self {
        let zone = preference(headers, "tz").and_then(|name| TimeZone::get(&name.replace("%2F", "/")).ok());
        Self {
            path: path.to_owned(),
            theme: match preference(headers, "theme").as_deref() {
                Some("light") => "light",
                Some("dark") => "dark",
                _ => "",
            },
            shortest: app.control.live().shortest_password,
            zone: zone.unwrap_or(TimeZone::UTC),
            ..Self::bare(Language::current(), app.control.now())
        }
    }

    const fn bare(language: Language, now: Timestamp) -> Self {
        Self {
            language,
            who: None,
            path: String::new(),
            theme: "",
            now,
            shortest: 8,
            words: words(language),
            zone: TimeZone::UTC,
            principal: None,
        }
    }

    /// One for tests.
    #[cfg(test)]
    pub(crate) fn sample(language: Language) -> Self {
        Self::bare(language, Timestamp::UNIX_EPOCH)
    }

    fn known_as(mut self, caller: &Caller, me: Option<Me>) -> Self {
        self.who = Some(match me {
            Some(me) => Who {
                name: if me.name.is_empty() {
                    me.email.clone()
                } else {
                    me.name
                },
                email: me.email,
                is_staff: me.staff_role.is_some(),
                role: me.staff_role.unwrap_or_else(|| "customer".to_owned()),
                memberships: me.memberships,
                must_enrol: me.requires_setup,
            },
            None => Who {
                name: self.api_key.to_string(),
                email: String::new(),
                role: "key".to_owned(),
                is_staff: caller.principal.may_everywhere(Action::ReadNodes),
                memberships: Vec::new(),
                must_enrol: false,
            },
        });
        self.principal = Some(caller.principal.clone());
        self
    }

    /// The language's tag.
    pub(crate) fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// Whether who looks may do this to what belongs to no tenant, or to every tenant.
    pub(crate) fn may(&self, action: impl Borrow<Action>) -> bool {
        let action = *action.borrow();
        self.principal
            .as_ref()
            .is_some_and(|principal| principal.may_everywhere(action))
    }

    /// Whether who looks may do this with a tenant of this organization.
    pub(crate) fn may_with(&self, action: impl Borrow<Action>, tenant: &wire::tenant::Tenant) -> bool {
        let action = *action.borrow();
        let Some(reach) = self.principal.as_ref().and_then(|who| who.reach(action)) else {
            return false;
        };
        let organization = tenant.organization.as_ref().and_then(|id| id.parse().ok());
        tenant.id.parse().is_ok_and(|id| reach.holds(id, organization))
    }

    /// Whether who looks may do this in this organization.
    pub(crate) fn may_in(&self, action: impl Borrow<Action>, organization: &str) -> bool {
        let action = *action.borrow();
        let reach = self.principal.as_ref().and_then(|who| who.reach(action));
        let id = organization.parse().ok();
        reach
            .zip(id)
            .is_some_and(|(reach, id)| reach.done().holds_organization(id))
    }

    /// Whether who looks is of the staff.
    pub(crate) fn is_staff(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.is_staff)
    }

    /// The organizations of who looks.
    pub(crate) fn memberships(&self) -> &[wire::person::MembershipView] {
        self.who.as_ref().map_or(&[], |who| &who.memberships)
    }

    /// The name of who looks.
    pub(crate) fn own_name(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.name)
    }

    /// The role of who looks.
    pub(crate) fn own_role(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.role)
    }

    /// The tag of the language that this page is not in.
    pub(crate) const fn other_language(&self) -> &'static str {
        match self.language {
            Language::English => "es",
            Language::Spanish => "en",
        }
    }

    /// `aria-current` for the first page.
    pub(crate) fn at_home(&self) -> Safe<&'static str> {
        Safe(if self.path == "/" {
            " aria-current=\"page\""
        } else {
            ""
        })
    }

    /// `aria-current` for an organization's page.
    pub(crate) fn here_organization(&self, id: &str) -> Safe<&'static str> {
        self.here(&format!("/organization/{id}"))
    }

    /// `aria-current` for the link to where one is.
    pub(crate) fn here(&self, path: &str) -> Safe<&'static str> {
        let inside = self.path == path
            || self
                .path
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('/'));
        Safe(if inside { " aria-current=\"page\"" } else { "" })
    }

    /// The word for a value of a kind: `state`, `reason`, `kind`, ... A value that the files do not know stands for itself.
    pub(crate) fn word(&self, kind: &str, value: &str) -> String {
        let key = format!("{kind}_{}", value.replace(['.', '-'], "_"));
        self.words
            .of(&key)
            .map_or_else(|| value.to_owned(), |text| text.to_string())
    }

    /// Who asked for something: by name, as the clock, or, if nobody knows them any more, by what they were written down as.
    pub(crate) fn asker(&self, by: &str, name: &Option<String>) -> String {
        match name {
            Some(name) => name.clone(),
            None if by == "system" => self.words.by_clock.to_string(),
            None => by.to_owned(),
        }
    }

    /// A badge: a dot in the colour of the value, and its word.
    pub(crate) fn badge(&self, kind: &str, value: &str) -> Safe<String> {
        Safe(format!(
            "<span class=\"badge tone-{}\"><span class=\"dot\" aria-hidden=\"true\"></span>{}</span>",
            tone(value),
            escaped(&self.word(kind, value))
        ))
    }

    /// The time zone in which moments are told.
    pub(crate) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The colour of what became of something in the audit trail.
    pub(crate) fn audit_tone(&self, outcome: &str) -> &'static str {
        match outcome {
            "refused" | "denied" => "warn",
            other => tone(other),
        }
    }

    /// A moment, as people of the language and the time zone write it, and how long ago it was.
    pub(crate) fn when(&self, at: &Timestamp) -> Safe<String> {
        let moment = format::moment(self.language, *at, &self.zone);
        let distance = format::distance(self.language, *at, self.now);
        Safe(format!(
            "<time datetime=\"{at}\" title=\"{moment}\">{distance}</time>"
        ))
    }

    /// A moment in full.
    pub(crate) fn moment(&self, at: &Timestamp) -> Safe<String> {
        let moment = format::moment(self.language, *at, &self.zone);
        Safe(format!("<time datetime=\"{at}\">{moment}</time>"))
    }

    /// A moment in full, as text: for what scripts fill in.
    pub(crate) fn moment_text(&self, at: &Timestamp) -> String {
        format::moment(self.language, *at, &self.zone)
    }

    /// A day.
    pub(crate) fn date(&self, at: &Timestamp) -> Safe<String> {
        let date = format::date(self.language, *at, &self.zone);
        let moment = format::moment(self.language, *at, &self.zone);
        Safe(format!(
            "<time datetime=\"{at}\" title=\"{moment}\">{date}</time>"
        ))
    }

    /// A number.
    pub(crate) fn number(&self, number: &i64) -> String {
        format::number(self.language, *number)
    }

    /// How many of something.
    pub(crate) fn count(&self, number: &u64) -> String {
        format::number(self.language, i64::try_from(*number).unwrap_or(i64::MAX))
    }

    /// A number of bytes.
    pub(crate) fn size(&self, bytes: &i64) -> String {
        format::size(self.language, *bytes)
    }

    /// A number of bytes.
    pub(crate) fn bytes(&self, bytes: &u64) -> String {
        format::size(self.language, i64::try_from(*bytes).unwrap_or(i64::MAX))
    }

    /// How long something took.
    pub(crate) fn took(&self, milliseconds: &u64) -> String {
        format::took(self.language, *milliseconds)
    }

    /// A bar of what is used, where this is left of the whole.
    pub(crate) fn used(&self, left: impl Borrow<u64>, whole: impl Borrow<u64>) -> Safe<String> {
        let whole = *whole.borrow();
        Safe(bar(whole.saturating_sub(*left.borrow()), whole))
    }

    /// A bar of what is used of the whole.
    pub(crate) fn part_used(&self, used: &u32, whole: &u32) -> Safe<String> {
        Safe(bar(u64::from(*used), u64::from(*whole)))
    }

    /// A bar for a count among all of them, in the colour of nothing in particular.
    pub(crate) fn share(&self, count: &i64, all: &i64) -> Safe<String> {
        let percent = count
            .saturating_mul(100)
            .checked_div(*all)
            .unwrap_or(0)
            .clamp(0, 100);
        Safe(format!(
            "<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"rail\" width=\"100\" height=\"4\"/><rect class=\"fill\" width=\"{percent}\" height=\"4\"/></svg>"
        ))
    }

    /// A bar for each day, what failed of it in another colour.
    pub(crate) fn chart(&self, days: &[control::Day], name: &str) -> Safe<String> {
        Safe(chart(self, days, name))
    }

    /// Sizes over time.
    pub(crate) fn series(&self, points: &[wire::database::SizePoint], name: &str) -> Safe<String> {
        Safe(series(self, points, name))
    }

    /// The time zone in which moments are told.
    pub(crate) const fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A picture.
    pub(crate) fn icon(&self, name: &str) -> Safe<String> {
        icon(name)
    }

    /// Where an asset is.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::at(name)
    }

    /// What scripts say, for an attribute of the page.
    pub(crate) fn for_scripts(&self) -> String {
        let pairs = self.words.for_scripts().into_iter();
        let map: serde_json::Map<_, _> = pairs
            .map(|(key, text): (&str, Text)| (key.to_owned(), json!(text.as_str())))
            .collect();
        serde_json::Value::Object(map).to_string()
    }
}

/// A bar that is filled to this part; what is nearly full is in another colour.
fn bar(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole).unwrap_or(0).min(100);
    let tone = match percent {
        90.. => "bad",
        75.. => "warn",
        _ => "good",
    };
    format!(
        "<svg class=\"bar tone-{tone}\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"rail\" width=\"100\" height=\"4\"/><rect class=\"fill\" width=\"{percent}\" height=\"4\"/></svg>"
    )
}

/// Height of a chart's bars, in its own measure.
const TALL: i64 = 100;
/// Width of a day.
const WIDE: usize = 10;

fn chart(v: &View, days: &[control::Day], name: &str) -> String {
    use std::fmt::Write as _;
    let most = days.iter().map(|day| day.count).max().unwrap_or(0).max(1);
    let sum = days.iter().map(|day| day.count).sum::<i64>();
    let width = days.len() * WIDE;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {TALL}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}: {}\">",
        escaped(name),
        v.number(&sum)
    );
    for (index, day) in days.iter().enumerate() {
        let x = index * WIDE;
        let (all, failed) = (day.count * TALL / most, day.failed * TALL / most);
        // A day with something in it is seen, however little it is beside the others.
        let all = if day.count > 0 { all.max(2) } else { 0 };
        let failed = if day.failed > 0 { failed.max(2) } else { 0 };
        let (inner, bar) = (x + 1, WIDE - 3);
        let _ = write!(
            svg,
            "<g><title>{}: {}</title><rect class=\"day\" x=\"{x}\" y=\"0\" width=\"{WIDE}\" height=\"{TALL}\"/>\
             <rect x=\"{inner}\" y=\"{}\" width=\"{bar}\" height=\"{all}\"/>\
             <rect class=\"bad\" x=\"{inner}\" y=\"{}\" width=\"{bar}\" height=\"{failed}\"/></g>",
            day.day,
            v.number(&day.count),
            TALL - all,
            TALL - failed
        );
    }
    let end = |day: Option<&control::Day>| {
        let noon = day.and_then(|day| format!("{}T12:00:00Z", day.day).parse::<Timestamp>().ok());
        noon.map(|at| format::date(v.language, at, &TimeZone::UTC))
            .unwrap_or_default()
    };
    let _ = write!(
        svg,
        "<path class=\"rule\" d=\"M0 {TALL}H{width}\"/></svg><p class=\"chart-ends\"><span>{}</span><span>{} · {}</span></p>",
        end(days.first()),
        v.chart_most.with(v.number(&most)),
        end(days.last())
    );
    svg
}

/// A text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The colour of a state. Its word stands beside it always.
fn tone(value: &str) -> &'static str {
    match value {
        "active" | "succeeded" | "moved" | "online" | "done" | "ready" | "enabled" | "open" | "owner" => {
            "good"
        }
        "suspended" | "failed" | "lost" | "damaged" | "bad" | "refused" | "stopped" | "failing"
        | "disabled" => "bad",
        "kept" => "good",
        "taking" => "busy",
        "paused" | "away" | "draining" | "unpaid" | "waiting" | "requested" | "soon" | "needs-person" => {
            "warn"
        }
        "provisioning" | "queued" | "running" | "moving" | "pausing" | "cancelling" | "building"
        | "works" | "approved" => "busy",
        _ => "calm",
    }
}

impl FromRequestParts<App> for View {
    type Rejection = Failure;
    /// The view of whoever asks, who may be nobody.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let view = Self::of(app, &parts.headers, parts.uri.path());
        let known = <Known as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        match known {
            Some(Known(caller)) => {
                let me = app.control.me(&caller).await.ok();
                Ok(view.known_as(&caller, me))
            }
            None => Ok(view),
        }
    }
}

impl OptionalFromRequestParts<App> for Visit {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Failure> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(visit) => Ok(Some(visit)),
            Err(failure) if failure.kind() == Kind::Unauthenticated => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Known(caller) = <Known as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let me = match caller.principal {
            Principal::Person(_) => Some(app.control.me(&caller).await?),
            _ => None,
        };
        let v = View::of(app, &parts.headers, parts.uri.path()).known_as(&caller, me);
        Ok(Self { v, caller })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_value_is_text() {
        assert_eq!(
            escaped("<b title='a'>&\""),
            "&lt;b title=&#39;a&#39;&gt;&amp;&quot;"
        );
    }
}
