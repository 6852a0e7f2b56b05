//! A short attack, as part of every test run; `scripts/chaos` makes long ones.

use chaos::{Plan, run};
use std::path::PathBuf;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_twice_or_half_made_while_everything_breaks() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder.join("../../target"), PathBuf::from);
    let plan = Plan {
        program: target.join("debug/tenantry"),
        seed: 20_261_129,
        lasts: Duration::from_secs(30),
        servers: 2,
        nodes: 3,
        clients: 4,
    };
    let report = run(&plan, &|text| println!("{text}"))
        .await
        .expect("the attack is carried out");
    println!("{report}");
    assert!(report.violations.is_empty(), "{report}");
    assert!(report.faults() > 0 && report.done() > 0, "{report}");
}
