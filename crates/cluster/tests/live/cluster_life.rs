//! A cluster's ordinary life: made, used, stopped, started again, and refused where it must be.

use crate::support::{eventually, folder, psql, query, settings, start, text};
use cluster::{Access, ChildError, Cluster, ClusterError, Durability, Password};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;

#[tokio::test]
async fn a_cluster_keeps_its_data_over_a_restart() {
    let base = folder();
    let mut wanted = settings(base.path());
    wanted.durability = Durability::Durable;
    let cluster = start(wanted.clone()).await;
    query(&cluster, "create table note as select 'kept' as text").unwrap();
    assert_eq!(query(&cluster, "show data_checksums").unwrap(), "on");
    assert_eq!(query(&cluster, "show server_encoding").unwrap(), "UTF8");
    assert_eq!(query(&cluster, "show fsync").unwrap(), "on");
    assert_eq!(query(&cluster, "show max_connections").unwrap(), "20");
    assert_eq!(
        query(&cluster, "select datcollate from pg_database limit 1").unwrap(),
        "C.UTF-8"
    );
    assert!(
        query(&cluster, "show server_version")
            .unwrap()
            .starts_with(&cluster.version().to_string())
    );
    cluster.stop().await;
    assert!(!base.path().join("data/postmaster.pid").exists());

    let cluster = start(wanted).await;
    assert_eq!(query(&cluster, "select text from note").unwrap(), "kept");
    cluster.stop().await;
}

#[tokio::test]
async fn both_ways_in_ask_for_the_password_and_nobody_else_sees_the_files() {
    let base = folder();
    let cluster = start(settings(base.path())).await;
    let access = cluster.superuser("template1");
    let socket = access.socket_dir.to_str().unwrap().to_owned();
    let ask = |access: &Access, host: &str| text(psql(&cluster, access, host, "select 1").output().unwrap());
    assert_eq!(ask(&access, &socket).unwrap(), "1");
    let wrong = Access {
        password: Password::new("wrong".to_owned()),
        ..access
    };
    for host in [socket.as_str(), "127.0.0.1"] {
        assert!(
            ask(&wrong, host)
                .unwrap_err()
                .contains("password authentication failed")
        );
    }
    assert_eq!(query(&cluster, "show fsync").unwrap(), "off");
    for (path, mode) in [("data", 0o700), ("socket", 0o700), ("postgresql.log", 0o640)] {
        let metadata = fs::metadata(base.path().join(path)).unwrap();
        assert_eq!(
            (metadata.mode() & 0o777, metadata.uid()),
            (mode, cluster.account().uid),
            "{path}"
        );
    }
    assert!(!base.path().join("data.password").exists() && !base.path().join("data.initdb").exists());
    cluster.stop().await;
}

#[tokio::test]
async fn a_reload_changes_settings_of_the_running_server() {
    let base = folder();
    let mut cluster = start(settings(base.path())).await;
    let before = query(&cluster, "select pg_postmaster_start_time()").unwrap();
    cluster
        .reload(vec![("work_mem".to_owned(), "7MB".to_owned())])
        .await
        .unwrap();
    eventually("the setting", || {
        (query(&cluster, "show work_mem").unwrap() == "7MB").then_some(())
    })
    .await;
    assert_eq!(
        query(&cluster, "select pg_postmaster_start_time()").unwrap(),
        before
    );
    cluster.stop().await;
}

#[tokio::test]
async fn a_cluster_is_run_once_at_a_time() {
    let base = folder();
    let cluster = start(settings(base.path())).await;
    let second = Cluster::start(settings(base.path()), |_| {}).await;
    assert!(matches!(
        second.err(),
        Some(ClusterError::Child(ChildError::InUse { .. }))
    ));
    assert_eq!(query(&cluster, "select 1").unwrap(), "1");
    cluster.stop().await;
}

#[tokio::test]
async fn a_failed_start_shows_what_postgresql_said() {
    let base = folder();
    let mut wrong = settings(base.path());
    wrong.extra = vec![("shared_buffers".to_owned(), "plenty".to_owned())];
    let error = Cluster::start(wrong, |_| {}).await.err().unwrap().to_string();
    assert!(
        error.contains("invalid value for parameter \"shared_buffers\": \"plenty\""),
        "{error}"
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut wrong = settings(base.path());
    wrong.port = taken.local_addr().unwrap().port();
    let error = Cluster::start(wrong, |_| {}).await.err().unwrap().to_string();
    assert!(error.contains("Address already in use"), "{error}");
    start(settings(base.path())).await.stop().await;
}

#[tokio::test]
async fn a_folder_with_other_things_is_left_alone() {
    let base = folder();
    fs::create_dir(base.path().join("data")).unwrap();
    fs::write(base.path().join("data/letter.txt"), "dear").unwrap();
    let error = Cluster::start(settings(base.path()), |_| {}).await.err().unwrap();
    assert!(matches!(error, ClusterError::NotACluster { .. }), "{error}");
    assert_eq!(
        fs::read_to_string(base.path().join("data/letter.txt")).unwrap(),
        "dear"
    );
}
