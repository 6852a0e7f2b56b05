//! A folder of backups is one node's: another one that was told the same would forget what it does not know.

use crate::backup::{Keys, backup_id};
use crate::place::{OWNER, Place, done, failed, run};
use std::fs;
use wire::backup::Proof;
use wire::node::CommandResult;

#[tokio::test]
async fn a_folder_of_another_node_s_backups_is_left_alone_until_it_is_given_up() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let taken = keys.taken(&node, &made, None).await;
    let owner = place.settings.backups_dir.join(OWNER);
    let (mut other, second) = Place::ready().await;
    other.settings.backups_dir.clone_from(&place.settings.backups_dir);
    let second = other.start_in_place_of(second, "").await;
    let theirs = other.created(&second).await;
    for order in [
        keys.back_up(&theirs, backup_id(), None),
        keys.prune(made.tenant, &[]),
    ] {
        let outcome = run(&second, order).await;
        assert_eq!(failed(&outcome), "store-of-another");
        let CommandResult::Failed(failure) = outcome.result else {
            unreachable!("it failed");
        };
        assert!(
            failure.detail.contains(&owner.display().to_string()),
            "{}",
            failure.detail
        );
    }
    // Started again, the first one knows its own.
    let node = place.start_in_place_of(node, "").await;
    let verify = || keys.verify(made.tenant, &taken, Proof::Read);
    done(&run(&node, verify()).await);
    fs::remove_file(&owner).unwrap();
    let own = keys.taken(&second, &theirs, None).await;
    done(&run(&second, keys.verify(theirs.tenant, &own, Proof::Read)).await);
    assert_eq!(failed(&run(&node, verify()).await), "store-of-another");
}
