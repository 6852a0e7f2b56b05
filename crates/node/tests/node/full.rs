//! Disks that are full in the middle: nothing half is left, nothing that was whole is lost, and it works once there is room.

use crate::backup::{Keys, attach, backup_id, objects};
use crate::place::{Place, done, failed, run};
use node::Node;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use testkit::{Volume, eventually};
use wire::backup::Proof;
use wire::node::{CreateTenant, Order, Outcome};

const MIB: usize = 1 << 20;
/// There must be more room than a node keeps free.
const SIZE: usize = 160;

/// A node of which one folder is small; nothing where no file system may be mounted.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests is to know what was left out"
)]
async fn small(folder: impl FnOnce(&Place) -> PathBuf) -> Option<(Place, Node, CreateTenant, Volume)> {
    let place = Place::new().await;
    let Some(volume) = Volume::mount(&folder(&place), SIZE).unwrap() else {
        eprintln!("not tested: only root may mount a file system");
        return None;
    };
    let (place, node) = place.with_template().await;
    let made = place.created(&node).await;
    Some((place, node, made, volume))
}

/// What nothing makes smaller.
fn noise(bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut noise).unwrap();
    noise
}

#[tokio::test]
async fn a_full_store_keeps_what_it_has_and_takes_the_next_backup_once_there_is_room() {
    let Some((place, node, made, volume)) = small(|place| place.settings.backups_dir.clone()).await else {
        return;
    };
    let keys = Keys::new();
    attach(&place, &made, &noise(MIB)).await;
    let first = keys.taken(&node, &made, None).await;
    let there = || objects(&place.settings.backups_dir);
    let before = there();
    attach(&place, &made, &noise(4 * MIB)).await;
    for left in [0, 64 << 10, 2 * MIB] {
        volume.fill_but(left).unwrap();
        let order = keys.back_up(&made, backup_id(), Some(first.id));
        assert_eq!(failed(&run(&node, order).await), "store-full", "{left} left");
        volume.empty().unwrap();
        assert_eq!(there(), before, "{left} left");
    }
    let second = keys.taken(&node, &made, Some(&first)).await;
    for taken in [&first, &second] {
        done(&run(&node, keys.verify(made.tenant, taken, Proof::Restore)).await);
    }
}

#[tokio::test]
async fn a_disk_that_is_full_makes_no_backup_doubtful_and_leaves_the_tenant_as_it_was() {
    let Some((place, node, made, volume)) = small(|place| place.settings.filestore_dir.clone()).await else {
        return;
    };
    let keys = Keys::new();
    let file = attach(&place, &made, &noise(4 * MIB)).await;
    let whole = fs::read(&file).unwrap();
    let taken = keys.taken(&node, &made, None).await;
    let late = attach(&place, &made, b"written later").await;
    let before = place.footprint(&[&made]).await;
    volume.fill_but(2 * MIB).unwrap();
    for order in [
        keys.verify(made.tenant, &taken, Proof::Restore),
        Order::RestoreTenant(keys.restore(&made, made.tenant, &taken)),
    ] {
        assert_eq!(failed(&run(&node, order).await), "disk-full");
    }
    assert_eq!(fs::read(&late).unwrap(), b"written later");
    volume.empty().unwrap();
    assert_eq!(place.footprint(&[&made]).await, before);
    done(&run(&node, keys.verify(made.tenant, &taken, Proof::Restore)).await);
    let order = keys.restore(&made, made.tenant, &taken);
    done(&run(&node, Order::RestoreTenant(order)).await);
    assert!(fs::read(&file).unwrap() == whole && !late.exists());
}

/// Does an order beside somebody who fills the disk as soon as the order has made a folder: it had found room by then.
async fn filled_meanwhile(place: &Place, node: &Node, volume: &Volume, order: Order) -> Outcome {
    let count = || fs::read_dir(&place.settings.filestore_dir).unwrap().count();
    let before = count();
    let filling = async {
        let begun = eventually(Duration::from_secs(20), || async { count() > before });
        begun.await.unwrap();
        volume.fill_but(0).unwrap();
    };
    tokio::join!(run(node, order), filling).0
}

#[tokio::test]
async fn a_disk_that_fills_up_while_a_backup_is_restored_leaves_the_tenant_as_it_was() {
    let Some((place, node, made, volume)) = small(|place| place.settings.filestore_dir.clone()).await else {
        return;
    };
    let keys = Keys::new();
    let file = attach(&place, &made, &noise(4 * MIB)).await;
    let whole = fs::read(&file).unwrap();
    let taken = keys.taken(&node, &made, None).await;
    let before = place.footprint(&[&made]).await;
    for order in [
        keys.verify(made.tenant, &taken, Proof::Restore),
        Order::RestoreTenant(keys.restore(&made, made.tenant, &taken)),
    ] {
        let outcome = filled_meanwhile(&place, &node, &volume, order).await;
        assert_eq!(failed(&outcome), "disk-full");
        assert!(!outcome.steps.is_empty(), "there was no room to begin with");
        volume.empty().unwrap();
        assert_eq!(place.footprint(&[&made]).await, before);
    }
    assert!(fs::read(&file).unwrap() == whole);
    let order = keys.restore(&made, made.tenant, &taken);
    done(&run(&node, Order::RestoreTenant(order)).await);
}
