//! What a backup holds goes out as Odoo's own zip, and comes in again as another tenant; at any fault nothing is left of either.

use crate::backup;
use crate::place::{Place, command_id, done, run};
use domain::TransferId;
use node::Node;
use std::fs;
use wire::export::{Form, SendBackup};
use wire::import::ImportTenant;
use wire::node::{CommandResult, CreateTenant, Order};

/// Bytes of a stream's end mark: a line of its own, and a SHA-256 in hexadecimal digits.
const MARK: usize = "\ntenantry transfer ends\n".len() + 64;

fn transfer() -> TransferId {
    TransferId::from_uuid(command_id().uuid())
}

/// An example for the tests of faults: a backup that is sent, or what was sent, as another tenant.
pub async fn example(
    kind: &str,
    place: &Place,
    node: &Node,
    made: &CreateTenant,
    send: SendBackup,
) -> (Order, CreateTenant) {
    let out = transfer();
    let sending = Order::SendBackup(SendBackup {
        transfer: out,
        wanted: Form::Odoo {
            database: made.database.clone(),
        },
        ..send
    });
    if kind == "send-backup" {
        return (sending, made.clone());
    }
    done(&run(node, sending).await);
    let folder = &place.settings.work_dir;
    let stream = fs::read(folder.join(format!("{out}.stream"))).unwrap();
    let zip = stream[..stream.len() - MARK].to_vec();
    let back = transfer();
    fs::write(folder.join(format!("{back}.stream")), &zip).unwrap();
    let there = place.creation();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &zip);
    let importing = Order::ImportTenant(ImportTenant {
        tenant: there.tenant,
        database: there.database.clone(),
        transfer: back,
        bytes: zip.len() as u64,
        sha256: hex::encode(digest),
        odoo_version: None,
        base_url: there.base_url.clone(),
        quiet: true,
    });
    (importing, there)
}

#[tokio::test]
async fn a_zip_of_another_version_of_odoo_is_refused_with_both_versions_and_leaves_nothing() {
    let (place, node) = Place::new().await.with_template().await;
    let made = place.created(&node).await;
    let sending = backup::sending(&place, &node, &made).await;
    let (order, there) = example("import-tenant", &place, &node, &made, sending).await;
    let Order::ImportTenant(import) = order else {
        panic!("{order:?}");
    };
    let before = place.footprint(&[&made, &there]).await;
    let other = ImportTenant {
        odoo_version: Some("7.0".to_owned()),
        ..import.clone()
    };
    let outcome = run(&node, Order::ImportTenant(other)).await;
    let CommandResult::Failed(failure) = &outcome.result else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.code, "import-version");
    assert!(
        failure.detail.contains("Odoo 7.0 is served here"),
        "{}",
        failure.detail
    );
    assert_eq!(place.footprint(&[&made, &there]).await, before);
    // Where its version is served, the same file comes in.
    done(&run(&node, Order::ImportTenant(import)).await);
}
