//! A child counts as running when it can work, and a start that fails says why.

use crate::helper::page_server;
use crate::support::{PATIENCE, folder, lives, number_in, pid, shell, supervisor};
use cluster::{Backoff, Check, ChildError, Ending, Ready, Signal, State, free_port};
use std::net::TcpListener;
use std::time::Duration;

const NEVER: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_port_or_a_page_is_waited_for() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let port = free_port().unwrap();
    let page = Ready::HttpGet {
        port,
        path: "/web/health".to_owned(),
    };
    let mut reports = 0;
    let state = supervisor
        .start(page_server(base.path(), port, page), |progress| {
            assert_eq!(progress.name, "pages");
            reports += 1;
        })
        .await
        .unwrap();
    assert!(reports >= 2 && lives(pid(&state)));
    supervisor.stop("pages").await.unwrap();
    let port = free_port().unwrap();
    supervisor
        .start(page_server(base.path(), port, Ready::TcpPort(port)), |_| {})
        .await
        .unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    supervisor.stop_all().await;
}

#[tokio::test]
async fn a_port_of_somebody_else_is_not_taken_for_the_childs() {
    let base = folder();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    let spec = shell("child", base.path(), "exec sleep 600").ready(Ready::TcpPort(port), PATIENCE);
    let error = supervisor(base.path())
        .await
        .start(spec, |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, ChildError::PortTaken { port: taken, .. } if taken == port));
}

#[tokio::test]
async fn a_child_that_never_gets_ready_is_stopped_and_its_log_shown() {
    let base = folder();
    let script = format!(
        "echo $$ > {}; echo thinking; exec sleep 600",
        base.path().join("pid").display()
    );
    let spec = shell("slow", base.path(), &script).ready(Ready::Check(Check::new(|_| false)), NEVER);
    let mut supervisor = supervisor(base.path()).await;
    let error = supervisor.start(spec, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("thinking"), "{error}");
    assert!(matches!(
        error,
        ChildError::NotReady {
            ending: Ending::NotReady(NEVER),
            ..
        }
    ));
    assert!(!lives(number_in(&base.path().join("pid")).await));
    assert_eq!(supervisor.names().count(), 0);
}

#[tokio::test]
async fn a_child_that_ends_three_times_before_it_is_ready_has_failed() {
    let base = folder();
    let mut spec = shell("broken", base.path(), "echo no such option; exit 3");
    spec.ready = Ready::Check(Check::new(|_| false));
    spec.backoff.first = Duration::from_millis(250);
    let error = supervisor(base.path())
        .await
        .start(spec, |_| {})
        .await
        .unwrap_err();
    let ChildError::NotReady { ending, log, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(ending, Ending::Exited(3));
    assert_eq!(log, "no such option\n".repeat(3).trim_end());
}

#[tokio::test]
async fn a_start_that_is_cancelled_leaves_nothing_running() {
    let base = folder();
    let script = format!("echo $$ > {}; exec sleep 600", base.path().join("pid").display());
    let spec = shell("slow", base.path(), &script).ready(Ready::Check(Check::new(|_| false)), PATIENCE);
    let mut supervisor = supervisor(base.path()).await;
    let note = base.path().join("pid");
    let child = tokio::select! {
        _ = supervisor.start(spec, |_| {}) => panic!("it cannot be ready"),
        child = number_in(&note) => child,
    };
    crate::support::gone(child).await;
}

#[tokio::test]
async fn unusable_descriptions_are_refused() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let spec = |name: &str| shell(name, base.path(), "exec sleep 600");
    supervisor.start(spec("one"), |_| {}).await.unwrap();
    let mut refused = async |spec| supervisor.start(spec, |_| {}).await.unwrap_err();
    assert!(matches!(refused(spec("one")).await, ChildError::Twice { .. }));
    assert!(matches!(refused(spec("../one")).await, ChildError::Name { .. }));
    let mut missing = spec("two");
    missing.program = "/no/such/program".into();
    assert!(matches!(refused(missing).await, ChildError::Program { .. }));
    assert!(matches!(
        supervisor.signal("two", Signal::HUP).await,
        Err(ChildError::Unknown { .. })
    ));
    supervisor.stop_all().await;
}

#[tokio::test]
async fn a_child_that_is_between_lives_takes_no_signal_but_stops_at_once() {
    let base = folder();
    let mut supervisor = supervisor(base.path()).await;
    let mut spec = shell("short", base.path(), "exec sleep 0.01");
    spec.backoff = Backoff {
        first: PATIENCE * 10,
        longest: PATIENCE * 10,
        reset_after: PATIENCE * 10,
    };
    let mut state = supervisor.start(spec, |_| {}).await.unwrap();
    state
        .wait_for(|state| matches!(state, State::Backoff { .. }))
        .await
        .unwrap();
    assert!(matches!(
        supervisor.signal("short", Signal::HUP).await,
        Err(ChildError::NotRunning { .. })
    ));
    supervisor.stop("short").await.unwrap();
    assert_eq!(*state.borrow(), State::Stopped);
}
