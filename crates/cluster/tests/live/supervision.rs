//! Children are restarted, stopped with all that is theirs, and start with nothing of ours.

use crate::support::{
    PATIENCE, another_life, eventually, folder, gone, kill, lives, log, number_in, pid, shell, supervisor,
};
use cluster::{Account, ChildSpec, Ending, Signal, State};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

#[tokio::test]
async fn a_child_that_ends_is_started_again_after_growing_pauses() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let mut spec = shell("child", base.path(), "exec sleep 600");
    spec.backoff.first = Duration::from_secs(1);
    let mut state = supervisor.start(spec, |_| {}).await.unwrap();
    for (round, pause) in [(1, 1), (2, 2), (3, 4)] {
        let former = pid(&state);
        kill(former, "KILL");
        let falls = state.wait_for(|state| matches!(state, State::Backoff { .. }));
        tokio::time::timeout(PATIENCE, falls).await.unwrap().unwrap();
        let expected = State::Backoff {
            last: Ending::Killed(9),
            next_in: Duration::from_secs(pause),
            failures: round,
        };
        assert_eq!(*state.borrow(), expected);
        another_life(&mut state, former).await;
    }
    supervisor.stop("child").await.unwrap();
    assert_eq!(*state.borrow(), State::Stopped);
}

#[tokio::test]
async fn a_stopped_child_takes_its_grandchildren_along() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let note = base.path().join("grandchild");
    // The child obeys, its own child does not.
    let script = "(trap '' TERM; exec sleep 600) & echo $! > $0; wait";
    let spec = shell("child", base.path(), script).args([&note]);
    let state = supervisor.start(spec, |_| {}).await.unwrap();
    let (child, grandchild) = (pid(&state), number_in(&note).await);
    assert!(lives(child) && lives(grandchild));
    supervisor.stop("child").await.unwrap();
    gone(grandchild).await;
    assert!(!lives(child) && !base.path().join("run/child.pid").exists());
}

#[tokio::test]
async fn a_child_that_does_not_listen_is_killed() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let note = base.path().join("ready");
    let script = "trap '' TERM; echo $$ > $0; sleep 120; exit";
    let spec = shell("deaf", base.path(), script)
        .args([&note])
        .stop(Signal::TERM, Duration::from_millis(100));
    supervisor.start(spec, |_| {}).await.unwrap();
    let child = number_in(&note).await;
    supervisor.stop_all().await;
    assert!(!lives(child));
}

#[tokio::test]
async fn children_stop_in_reverse_order_each_before_the_next() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    for name in ["first", "second", "third"] {
        let ready = base.path().join(format!("{name}.ready"));
        let order = base.path().join("order");
        let script = "trap 'echo $2 >> $1; exit' TERM; echo $$ > $0; while :; do sleep 0.05; done";
        let spec = shell(name, base.path(), script)
            .args([&ready, &order])
            .args([name]);
        supervisor.start(spec, |_| {}).await.unwrap();
        number_in(&ready).await;
    }
    assert_eq!(
        supervisor.names().collect::<Vec<_>>(),
        ["first", "second", "third"]
    );
    supervisor.stop_all().await;
    assert_eq!(
        fs::read_to_string(base.path().join("order")).unwrap(),
        "third\nsecond\nfirst\n"
    );
}

#[tokio::test]
async fn a_signal_reaches_the_child() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let (ready, heard) = (base.path().join("ready"), base.path().join("heard"));
    let script = "trap 'echo 1 > $1' HUP; echo $$ > $0; while :; do sleep 0.05; done";
    supervisor
        .start(shell("child", base.path(), script).args([&ready, &heard]), |_| {})
        .await
        .unwrap();
    number_in(&ready).await;
    supervisor.signal("child", Signal::HUP).await.unwrap();
    assert_eq!(number_in(&heard).await, 1);
    supervisor.stop_all().await;
}

#[tokio::test]
async fn a_child_starts_with_nothing_of_ours() {
    let base = folder();
    let supervisor = supervisor(base.path()).await;
    let account = Account::current();
    let account = if account.is_root() {
        Account::by_name("nobody").unwrap()
    } else {
        account
    };
    let run = async |spec: ChildSpec| supervisor.run(spec.run_as(account.clone())).await.unwrap();
    let spec = ChildSpec::new("env", "/usr/bin/env", log(base.path(), "env"));
    run(spec.env("ONLY", "this one")).await;
    assert_eq!(
        fs::read_to_string(log(base.path(), "env")).unwrap(),
        "ONLY=this one\n"
    );
    let metadata = fs::metadata(log(base.path(), "env")).unwrap();
    assert_eq!((metadata.mode() & 0o777, metadata.uid()), (0o640, account.uid));

    // Our open files (such as the lock), its identity, its rights, its group.
    let script = "ls -l /proc/self/fd | grep -c run/lock; grep -E '^(Uid|Gid|CapEff)' /proc/self/status; \
                  ps -o pgid= -p $$ | tr -d ' '; echo $$; pwd";
    run(shell("status", base.path(), script)).await;
    let seen = fs::read_to_string(log(base.path(), "status")).unwrap();
    let lines: Vec<&str> = seen.lines().collect();
    let (user, group) = (account.uid.to_string(), account.gid.to_string());
    assert_eq!(lines[0], "0", "{seen}");
    assert_eq!(lines[1], format!("Uid:{}", format!("\t{user}").repeat(4)));
    assert_eq!(lines[2], format!("Gid:{}", format!("\t{group}").repeat(4)));
    assert_eq!(lines[3], "CapEff:\t0000000000000000");
    assert_eq!((lines[4], lines[6]), (lines[5], "/"));
}

#[tokio::test]
async fn a_run_that_fails_says_so_and_leaves_nothing() {
    let base = folder();
    let supervisor = supervisor(base.path()).await;
    let error = supervisor
        .run(shell("task", base.path(), "echo went wrong; exit 4"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("exited with code 4") && error.to_string().contains("went wrong"));
    let note = base.path().join("pid");
    let mut endless = shell("task", base.path(), "echo $$ > $0; exec sleep 600").args([&note]);
    endless.ready_deadline = Duration::from_secs(3);
    supervisor.run(endless).await.unwrap_err();
    assert!(!lives(number_in(&note).await));
}

/// The kernel's "parent died" signal is about the thread that forked, and watching needs a runtime that lives.
#[test]
fn children_outlive_the_thread_and_the_runtime_that_started_them() {
    let base = folder();
    let path = base.path().to_owned();
    let starter = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut supervisor = supervisor(&path).await;
            let mut spec = shell("child", &path, "exec sleep 600");
            spec.backoff.first = Duration::from_millis(1);
            let state = supervisor.start(spec, |_| {}).await.unwrap();
            (supervisor, state)
        })
    });
    let (mut supervisor, mut state) = starter.join().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let child = pid(&state);
        let change = tokio::time::timeout(Duration::from_millis(300), state.changed()).await;
        assert!(
            change.is_err() && lives(child),
            "the child was ended with its starter"
        );
        kill(child, "KILL");
        another_life(&mut state, child).await;
        supervisor.stop_all().await;
    });
}

#[tokio::test]
async fn a_dropped_supervisor_stops_its_children() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let state = supervisor
        .start(shell("child", base.path(), "exec sleep 600"), |_| {})
        .await
        .unwrap();
    let child = pid(&state);
    drop(supervisor);
    gone(child).await;
    let stopped = || (*state.borrow() == State::Stopped).then_some(());
    tokio::time::timeout(PATIENCE, eventually("the state", stopped))
        .await
        .unwrap();
}
