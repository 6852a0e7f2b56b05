//! Children that outlived their supervisor are ended by the next one, and nobody else is.

use crate::helper::Helper;
use crate::support::{folder, gone, kill, lives, number_in, pid, shell, supervisor};
use cluster::{ChildError, Supervisor};
use std::fs;
use std::process::Command;

#[tokio::test]
async fn children_of_a_killed_parent_end_by_themselves_or_at_the_next_start() {
    let base = folder();
    let mut helper = Helper::start("holds_children", base.path());
    let deaf = number_in(&base.path().join("deaf")).await;
    let obedient = number_in(&base.path().join("obedient")).await;
    let grandchild = number_in(&base.path().join("grandchild")).await;
    helper.kill();
    gone(obedient).await;
    assert!(lives(deaf) && lives(grandchild));
    supervisor(base.path()).await;
    assert!(!lives(deaf) && !lives(grandchild));
}

#[tokio::test]
async fn a_group_whose_leader_is_gone_is_ended_too() {
    let base = folder();
    let mut helper = Helper::start("holds_children", base.path());
    let deaf = number_in(&base.path().join("deaf")).await;
    let grandchild = number_in(&base.path().join("grandchild")).await;
    helper.kill();
    kill(deaf, "KILL");
    gone(deaf).await;
    assert!(lives(grandchild));
    supervisor(base.path()).await;
    assert!(!lives(grandchild));
}

#[tokio::test]
async fn a_stranger_with_a_childs_former_id_is_not_harmed() {
    let base = folder();
    let mut first = supervisor(base.path()).await;
    let state = first
        .start(shell("child", base.path(), "exec sleep 600"), |_| {})
        .await
        .unwrap();
    let pid_file = base.path().join("run/child.pid");
    let noted = fs::read_to_string(&pid_file).unwrap();
    let child = pid(&state);
    first.stop_all().await;
    drop(first);
    assert!(!pid_file.exists());
    // Start times are counted in hundredths of a second.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    // Same boot, same session, another process: only the start time tells.
    let reused = noted.replace(&format!("pid={child}\n"), &format!("pid={}\n", stranger.id()));
    assert_ne!(reused, noted);
    fs::write(&pid_file, reused).unwrap();
    supervisor(base.path()).await;
    assert!(lives(stranger.id()) && !pid_file.exists());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_note_of_another_boot_or_a_torn_one_ends_nobody() {
    let base = folder();
    let mut first = supervisor(base.path()).await;
    let state = first
        .start(shell("child", base.path(), "exec sleep 600"), |_| {})
        .await
        .unwrap();
    let noted = fs::read_to_string(base.path().join("run/child.pid")).unwrap();
    let other = base.path().join("other-run");
    fs::create_dir(&other).unwrap();
    let boot = noted.lines().find(|line| line.starts_with("boot=")).unwrap();
    fs::write(other.join("child.pid"), noted.replace(boot, "boot=yesterday")).unwrap();
    fs::write(other.join("torn.pid"), &noted[..noted.len() / 2]).unwrap();
    Supervisor::open(&other).await.unwrap();
    assert!(lives(pid(&state)));
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1, "only the lock stays");
    first.stop_all().await;
}

#[tokio::test]
async fn a_run_folder_has_one_supervisor() {
    let base = folder();
    let first = supervisor(base.path()).await;
    let second = Supervisor::open(&base.path().join("run")).await;
    assert!(matches!(second.err(), Some(ChildError::InUse { .. })));
    drop(first);
    supervisor(base.path()).await;
}
