//! A real store that speaks S3, and a line to it that is cut.

use objects::{Objects, S3, Trouble};
use std::error::Error;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::sleep;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The store listens on so many ports in a row.
const PORTS: u16 = 8;
const MIB: usize = 1 << 20;
/// Of three parts.
const LARGE: usize = 40 * MIB;

struct Store {
    port: u16,
    _child: Child,
    _folder: tempfile::TempDir,
}

fn free() -> Option<u16> {
    let is_free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Two processes that begin at once look at other ports.
    let number = u16::try_from(std::process::id() % 300).unwrap_or_default();
    let mut rows = (0..300).map(|row| 17_000 + (number + row) % 300 * PORTS);
    rows.find(|first| (*first..*first + PORTS).all(is_free))
}

impl Store {
    async fn start() -> Outcome<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let port = free().ok_or("no free ports in a row")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/object-store");
        let child = Command::new(script)
            .arg(folder.path())
            .arg(port.to_string())
            .args(["tests", "a-secret-of-the-tests"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let ready = folder.path().join("ready");
        let store = Self {
            port,
            _child: child,
            _folder: folder,
        };
        for _ in 0..900 {
            if ready.exists() {
                return Ok(store);
            }
            sleep(Duration::from_millis(200)).await;
        }
        Err("the store does not come up".into())
    }

    /// A bucket of it, by this port.
    fn objects(&self, port: u16, bucket: &str) -> Outcome<Objects> {
        Ok(Objects::s3(&S3 {
            endpoint: format!("http://127.0.0.1:{port}"),
            region: "us-east-1".to_owned(),
            bucket: bucket.to_owned(),
            prefix: "site".to_owned(),
            path_style: true,
            storage_class: Some("STANDARD".to_owned()),
            access_key: "tests".to_owned(),
            secret_key: "a-secret-of-the-tests".to_owned(),
        })?)
    }

    /// How many uploads lie there unfinished, as the store's own files tell.
    async fn uploads(&self) -> Outcome<usize> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port + 5)).await?;
        let request = "GET /buckets/backups/.uploads/?limit=1000 HTTP/1.1\r\nHost: filer\r\nAccept: application/json\r\n\
                       Connection: close\r\n\r\n";
        line.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        line.read_to_string(&mut answer).await?;
        Ok(answer.matches("\"FullPath\"").count())
    }

    /// A line to it that breaks for good once so many bytes went there.
    async fn line(&self, bytes: u64) -> Outcome<u16> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (port, to) = (listener.local_addr()?.port(), self.port);
        let left = Arc::new(AtomicU64::new(bytes));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(pass(near, to, Arc::clone(&left)));
            }
        });
        Ok(port)
    }
}

async fn pass(near: TcpStream, to: u16, left: Arc<AtomicU64>) -> Outcome {
    if left.load(Ordering::SeqCst) == 0 {
        return Ok(());
    }
    let far = TcpStream::connect(("127.0.0.1", to)).await?;
    let ((mut ask, mut answered), (mut answers, mut asks)) = (near.into_split(), far.into_split());
    let back = tokio::spawn(async move { tokio::io::copy(&mut answers, &mut answered).await });
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = ask.read(&mut buffer).await?;
        let passed = count as u64;
        let enough = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            Some(left.saturating_sub(passed))
        });
        if count == 0 || enough.is_ok_and(|left| left <= passed) {
            back.abort();
            return Ok(());
        }
        asks.write_all(buffer.get(..count).unwrap_or_default()).await?;
    }
}

/// Bytes that nothing makes smaller, the same each time.
fn content(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..bytes / 8).flat_map(next).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_cut_line_left_never_counts_and_is_cleared_away() -> Outcome {
    let store = Store::start().await?;
    let direct = store.objects(store.port, "backups")?;
    let large = content(LARGE);
    for after in [MIB, 20 * MIB, 36 * MIB] {
        let line = store.line(after as u64).await?;
        let cut = store.objects(line, "backups")?;
        let written = cut.write("tenants/a/files.tar", large.as_slice()).await;
        let error = written.err().ok_or("it was written over a line that is cut")?;
        assert_eq!(error.trouble, Trouble::Away, "{error}");
        assert!(direct.list("tenants").await?.is_empty(), "cut after {after}");
    }
    assert!(store.uploads().await? >= 2, "nothing was left to clear away");
    // Of another tenant nothing is touched.
    let line = store.line(20 * MIB as u64).await?;
    let _ = store
        .objects(line, "backups")?
        .write("tenants/ab/files.tar", large.as_slice())
        .await;
    let before = store.uploads().await?;
    direct.clear_unfinished("tenants/a", |_| false).await?;
    assert_eq!(store.uploads().await?, before, "what is not over was given up");
    direct
        .clear_unfinished("tenants/a", |name| name == "tenants/a/files.tar")
        .await?;
    assert_eq!((store.uploads().await?, before > 1), (1, true));
    direct.clear_unfinished("tenants/ab", |_| true).await?;
    assert_eq!(store.uploads().await?, 0);
    // The same over a whole line is there with every byte.
    let written = direct.write("tenants/a/files.tar", large.as_slice()).await?;
    assert_eq!(written.bytes, LARGE as u64);
    let mut read = Vec::new();
    direct
        .read("tenants/a/files.tar")
        .await?
        .read_to_end(&mut read)
        .await?;
    assert!(read == large, "it is not what was written");
    assert_eq!(store.uploads().await?, 0);
    direct.remove("tenants/a/files.tar").await?;
    assert!(direct.list("tenants").await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_is_made_longer_and_never_shorter_and_only_where_there_are_locks() -> Outcome {
    let store = Store::start().await?;
    let locked = store.objects(store.port, "locked")?;
    // Names with signs that mean something in addresses.
    for (name, bytes) in [("small+one=1", 100), ("large one", LARGE)] {
        locked.write(name, content(bytes).as_slice()).await?;
        assert_eq!(locked.locked_until(name).await?, None);
        for (until, then) in [
            ("2090-01-02", "2090-01-02"),
            ("2090-02-03", "2090-02-03"),
            ("2090-01-02", "2090-02-03"),
        ] {
            locked.lock(name, &format!("{until}T03:04:05Z")).await?;
            let found = locked.locked_until(name).await?.ok_or("it is not locked")?;
            assert!(found.starts_with(&format!("{then}T03:04:05")), "{name}: {found}");
        }
    }
    let open = store.objects(store.port, "backups")?;
    open.put("small", b"small".to_vec()).await?;
    let refused = open.lock("small", "2090-01-02T03:04:05Z").await;
    let refused = refused.err().ok_or("a bucket without locks locked something")?;
    assert_eq!(
        refused.trouble,
        Trouble::Refused,
        "{refused}: {}",
        refused.detail()
    );
    assert!(!refused.detail().is_empty());
    Ok(())
}
