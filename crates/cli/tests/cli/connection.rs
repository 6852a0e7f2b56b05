//! Finding the server and the key, and keeping the key from others.

use crate::samples::tenant;
use crate::server::{Server, json};
use crate::shell::{Ended, Shell};
use cli::Exit;
use std::fs::{create_dir_all, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SHOW: [&str; 3] = ["tenant", "show", "acme"];

async fn server() -> Server {
    Server::start(|_, _| json(200, tenant("acme", "active").to_string())).await
}

fn local_file(folder: &Path, server: &Server, mode: u32) -> PathBuf {
    create_dir_all(folder).unwrap();
    let path = folder.join("local.json");
    let text = format!(
        "{{\"server\":\"http://{}\",\"api_key\":\"tnt_local\",\"edge\":\"x\",\"odoo\":1}}",
        server.address
    );
    write(&path, text).unwrap();
    set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[tokio::test]
async fn a_local_file_that_others_can_read_is_refused_with_the_cure() {
    let (server, folder) = (server().await, TempDir::new().unwrap());
    for mode in [0o644, 0o640, 0o602] {
        let path = local_file(folder.path(), &server, mode);
        let ended = Shell::empty()
            .run(&[&SHOW[..], &["--local", path.to_str().unwrap()]].concat())
            .await;
        assert_eq!((ended.exit, server.seen().len()), (Exit::Usage, 0));
        assert!(
            ended.errors.contains(&format!("chmod 600 '{}'", path.display())),
            "{}",
            ended.errors
        );
        assert!(!ended.errors.contains("tnt_local"));
    }
    let path = local_file(folder.path(), &server, 0o600);
    let ended = Shell::empty()
        .run(&[&SHOW[..], &["--local", path.to_str().unwrap()]].concat())
        .await;
    assert_eq!(ended.exit, Exit::Done, "{}", ended.errors);
    assert_eq!(server.seen()[0].header("x-api-key"), "tnt_local");
}

#[tokio::test]
async fn the_usual_places_are_searched_in_their_order() {
    let root = TempDir::new().unwrap();
    let (home, here, named) = (
        root.path().join("home"),
        root.path().join("here"),
        root.path().join("named"),
    );
    let (at_home, at_here, at_named) = (server().await, server().await, server().await);
    local_file(&home.join(".local/share/tenantry"), &at_home, 0o600);
    local_file(&here.join(".data"), &at_here, 0o600);
    local_file(&named, &at_named, 0o600);
    let run = |directory: &Path, data: Option<&Path>, line: Vec<String>| {
        let mut shell = Shell::empty().with("HOME", home.to_str().unwrap());
        shell.environment.directory = directory.to_owned();
        let shell = match data {
            Some(data) => shell.with("TENANTRY_DATA", data.to_str().unwrap()),
            None => shell,
        };
        async move {
            shell
                .run(&line.iter().map(String::as_str).collect::<Vec<_>>())
                .await
        }
    };
    let show = || SHOW.map(str::to_owned).to_vec();
    let reached = || [at_home.seen().len(), at_here.seen().len(), at_named.seen().len()];
    run(root.path(), None, show()).await;
    assert_eq!(reached(), [1, 0, 0]);
    run(&here, None, show()).await;
    assert_eq!(reached(), [1, 1, 0]);
    run(&here, Some(&named), show()).await;
    assert_eq!(reached(), [1, 1, 1]);
    let with_data = [show(), vec!["--data".to_owned(), "../named".to_owned()]].concat();
    run(&here, None, with_data).await;
    assert_eq!(reached(), [1, 1, 2]);
}

#[tokio::test]
async fn a_local_key_goes_only_to_its_own_server() {
    let (own, other, root) = (server().await, server().await, TempDir::new().unwrap());
    local_file(&root.path().join(".data"), &own, 0o600);
    let run = |server: &Server| {
        let address = format!("http://{}", server.address);
        let mut shell = Shell::empty();
        shell.environment.directory = root.path().to_owned();
        async move { shell.run(&["tenant", "show", "acme", "--server", &address]).await }
    };
    assert_eq!(run(&own).await.exit, Exit::Done);
    let ended: Ended = run(&other).await;
    assert_eq!((ended.exit, other.seen().len()), (Exit::Usage, 0));
    assert!(ended.errors.contains("no API key for"), "{}", ended.errors);
}

#[tokio::test]
async fn what_is_missing_is_said_with_the_cure() {
    let ended = Shell::empty()
        .with("TENANTRY_DATA", "/nonexistent")
        .run(&SHOW)
        .await;
    assert_eq!(ended.exit, Exit::Usage);
    assert!(
        ended.errors.contains("/nonexistent/local.json cannot be read"),
        "{}",
        ended.errors
    );
    for address in ["ftp://x", "http://user:secret@x", "nonsense"] {
        let shell = Shell::empty()
            .with("TENANTRY_SERVER", address)
            .with("TENANTRY_API_KEY", "tnt_x");
        let ended = shell.run(&SHOW).await;
        assert_eq!(ended.exit, Exit::Usage, "{address}");
        assert!(!ended.errors.contains("secret"), "{}", ended.errors);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_has_its_exit_code() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let shell = || {
        Shell::empty()
            .with("TENANTRY_SERVER", &format!("http://{closed}"))
            .with("TENANTRY_API_KEY", "tnt_x")
    };
    let ended = shell().run(&SHOW).await;
    assert_eq!(ended.exit, Exit::NotReachable);
    assert!(
        ended
            .errors
            .starts_with(&format!("error: http://{closed} does not answer:")),
        "{}",
        ended.errors
    );
    let ended = shell().run(&[&SHOW[..], &["--json"]].concat()).await;
    let told: serde_json::Value = serde_json::from_str(&ended.errors).unwrap();
    assert_eq!(told["type"], "/problems/not-reachable");
}

#[tokio::test]
async fn an_address_below_a_path_is_kept() {
    let server = server().await;
    let address = format!("http://{}/control/", server.address);
    let ended = Shell::empty()
        .with("TENANTRY_API_KEY", "tnt_x")
        .run(&[&SHOW[..], &["--server", &address]].concat())
        .await;
    assert_eq!(
        (ended.exit, server.lines()),
        (Exit::Done, vec!["GET /control/api/tenants/acme".to_owned()])
    );
}
