//! What was killed, at any moment, does not keep a cluster from starting again.

use crate::helper::Helper;
use crate::support::{
    another_life, eventually, folder, gone, kill, lives, number_in, pid, psql, query, settings, start,
};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

#[tokio::test]
async fn an_interrupted_initdb_is_done_again() {
    let base = folder();
    let mut helper = Helper::start("holds_a_cluster", base.path());
    let half = base.path().join("data.initdb/PG_VERSION");
    eventually("initdb to be at work", || half.exists().then_some(())).await;
    helper.kill();
    assert!(!base.path().join("data/PG_VERSION").exists());
    let cluster = start(settings(base.path())).await;
    assert_eq!(query(&cluster, "select 1").unwrap(), "1");
    assert!(!base.path().join("data.initdb").exists() && !base.path().join("data.password").exists());
    cluster.stop().await;
}

#[tokio::test]
async fn the_server_ends_when_its_parent_is_killed_and_starts_again() {
    let base = folder();
    let mut helper = Helper::start("holds_a_cluster", base.path());
    let server = number_in(&base.path().join("server")).await;
    assert!(lives(server));
    helper.kill();
    gone(server).await;
    let cluster = start(settings(base.path())).await;
    assert_eq!(query(&cluster, "select 1").unwrap(), "1");
    cluster.stop().await;
}

#[tokio::test]
async fn a_start_right_after_the_parent_was_killed_waits_for_the_old_server() {
    let base = folder();
    let mut helper = Helper::start("holds_a_cluster", base.path());
    let server = number_in(&base.path().join("server")).await;
    helper.kill();
    let cluster = start(settings(base.path())).await;
    assert!(!lives(server));
    assert_eq!(query(&cluster, "select 1").unwrap(), "1");
    cluster.stop().await;
}

#[tokio::test]
async fn a_killed_server_is_started_again_although_a_backend_is_still_busy() {
    let base = folder();
    let cluster = start(settings(base.path())).await;
    query(&cluster, "create table note as select 'kept' as text").unwrap();
    // It asks nobody for anything, so it does not notice that its server is gone.
    let busy = "do $$ begin perform 'busy'; loop null; end loop; end $$";
    let access = cluster.superuser("postgres");
    let mut client = psql(&cluster, &access, "127.0.0.1", busy)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ask = "select pid from pg_stat_activity where query like 'do $$ begin%' and state = 'active'";
    let backend = || query(&cluster, ask).unwrap().parse::<u32>().ok();
    let backend = eventually("the backend to be busy", backend).await;
    let mut state = cluster.state();
    let server = pid(&state);
    kill(server, "KILL");
    another_life(&mut state, server).await;
    assert!(!lives(backend));
    assert_eq!(query(&cluster, "select text from note").unwrap(), "kept");
    client.wait().unwrap();
    cluster.stop().await;
}

#[tokio::test]
async fn a_server_that_somebody_left_running_is_stopped_and_started_anew() {
    let base = folder();
    let cluster = start(settings(base.path())).await;
    let mut foreign = Command::new(cluster.binaries().program("postgres"));
    foreign
        .arg("-D")
        .arg(&cluster.settings().data_dir)
        .args(["-p", &cluster.settings().port.to_string()]);
    foreign.args([
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_directories=",
    ]);
    foreign
        .uid(cluster.account().uid)
        .gid(cluster.account().gid)
        .stderr(Stdio::null());
    cluster.stop().await;
    let mut foreign = foreign.spawn().unwrap();
    let ready = || {
        let noted = fs::read_to_string(base.path().join("data/postmaster.pid")).ok()?;
        noted.contains("ready").then_some(())
    };
    eventually("the foreign server", ready).await;
    let cluster = start(settings(base.path())).await;
    assert!(foreign.wait().unwrap().success());
    assert_eq!(query(&cluster, "select 1").unwrap(), "1");
    cluster.stop().await;
}

#[tokio::test]
async fn a_stranger_with_a_dead_servers_id_is_neither_taken_for_it_nor_harmed() {
    let base = folder();
    let cluster = start(settings(base.path())).await;
    let pid_file = base.path().join("data/postmaster.pid");
    let noted = fs::read_to_string(&pid_file).unwrap();
    let account = cluster.account().clone();
    cluster.stop().await;
    let mut stranger = Command::new("sleep")
        .arg("600")
        .uid(account.uid)
        .gid(account.gid)
        .spawn()
        .unwrap();
    let (_, rest) = noted.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", stranger.id())).unwrap();
    let cluster = start(settings(base.path())).await;
    assert!(lives(stranger.id()));
    cluster.stop().await;
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}
