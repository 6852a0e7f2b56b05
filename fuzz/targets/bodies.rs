//! JSON bodies as the API reads them: no body makes a reader panic, and none that is refused prints a secret.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::from_slice;

fuzz_target!(|bytes: &[u8]| {
    let _ = from_slice::<wire::tenant::CreateTenant>(bytes);
    let _ = from_slice::<wire::tenant::UpdateTenant>(bytes);
    let _ = from_slice::<wire::tenant::SuspendTenant>(bytes);
    let _ = from_slice::<wire::tenant::BulkChange>(bytes);
    let _ = from_slice::<wire::provisioning::ProvisionTenant>(bytes);
    let _ = from_slice::<wire::apikey::CreateApiKey>(bytes);
    let _ = from_slice::<wire::apikey::AdoptTenant>(bytes);
    let _ = from_slice::<wire::person::UseLink>(bytes);
    let _ = from_slice::<wire::sso::AddProvider>(bytes);
    let _ = from_slice::<wire::node::Progress>(bytes);
    let _ = from_slice::<wire::node::Outcome>(bytes);
    let _ = from_slice::<wire::node::Observed>(bytes);
    if let Ok(request) = from_slice::<wire::person::SignIn>(bytes) {
        let shown = format!("{request:?}");
        if let Some(password) = request.password.as_ref().map(|password| password.expose()) {
            // Of a long one, which stands in nothing else that is shown, nothing is.
            let elsewhere = request
                .email
                .as_deref()
                .is_some_and(|email| email.contains(password));
            assert!(password.len() < 24 || elsewhere || !shown.contains(password));
        }
    }
});
