//! Values of settings: what a setting takes, it takes again.

#![no_main]

use domain::SettingValue;
use domain::setting::SETTINGS;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<SettingValue>(bytes) else {
        return;
    };
    for setting in SETTINGS {
        if let Ok(taken) = setting.check(value.clone()) {
            assert_eq!(setting.check(taken.clone()), Ok(taken), "{}", setting.key);
        }
    }
});
