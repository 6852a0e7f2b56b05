//! Every text with one checking door: what passes reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::str::FromStr;

/// Whatever passes the door passes it again, unchanged.
fn door<T: FromStr + ToString>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let again = value.to_string();
        match again.parse::<T>() {
            Ok(value) => assert_eq!(value.to_string(), again),
            Err(_) => panic!("what passed does not pass again: {again:?}"),
        }
    }
}

fuzz_target!(|text: &str| {
    door::<domain::Subdomain>(text);
    door::<domain::DatabaseName>(text);
    door::<domain::HostLabel>(text);
    door::<domain::NodeName>(text);
    door::<domain::TemplateName>(text);
    door::<domain::DomainName>(text);
    door::<domain::EmailAddress>(text);
    door::<domain::CompanyName>(text);
    door::<domain::PersonName>(text);
    door::<domain::PlanName>(text);
    door::<domain::CountryCode>(text);
    door::<domain::TimeZoneName>(text);
    door::<domain::Language>(text);
    door::<domain::TenantId>(text);
    door::<domain::OperationId>(text);
    door::<domain::ProviderId>(text);
    door::<domain::StaffRole>(text);
    door::<domain::OrganizationRole>(text);
    // A password is told by its rules alone, and a machine's secret by its frequencies.
    let _ = domain::NewPassword::check(text.to_owned(), 8, &["ana@example.com", "Ana"]);
    let _ = domain::weakness::check_machine_secret(text);
    // A statement of whoever is connected: nothing but its length is promised of any text.
    let told = domain::statement_text::without_literals(text);
    assert!(told.chars().count() <= domain::statement_text::LONGEST + 1);
    if let (Ok(subdomain), true) = (text.parse::<domain::Subdomain>(), text.is_ascii()) {
        // Each has a database and a host of its own, which pass their own doors.
        door::<domain::DatabaseName>(subdomain.database().as_str());
        door::<domain::HostLabel>(subdomain.host_label().as_str());
    }
});
