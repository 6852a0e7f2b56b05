//! The one thread that forks and watches all children, for as long as the program lives.
//!
//! Two facts ask for a thread of our own. The kernel sends a child its "parent died" signal when the *thread*
//! that forked it ends, so children forked from a pool thread would be ended whenever that thread idles out.
//! And a cluster shared by many tests must be watched after the runtime of the test that started it is gone.

use std::future::Future;
use std::io;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

/// Runs a task on the background thread; it goes on when the caller's runtime ends.
///
/// # Errors
/// When the thread or its runtime cannot be made (out of threads or file descriptors).
pub(crate) fn spawn<F>(task: F) -> io::Result<JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(handle()?.spawn(task))
}

fn handle() -> io::Result<Handle> {
    // A panic while the lock is held leaves the option as it was, so a poisoned lock is still right.
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = runtime.as_ref() {
        return Ok(handle.clone());
    }
    let handle = start_thread()?;
    *runtime = Some(handle.clone());
    Ok(handle)
}

fn start_thread() -> io::Result<Handle> {
    let (send, receive) = sync_channel(1);
    std::thread::Builder::new()
        .name("children".to_owned())
        .spawn(move || {
            // Current thread: every task, and so every fork, happens here and nowhere else.
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    // The receiver waits for this one message, so sending it cannot fail.
                    let _ = send.send(Ok(runtime.handle().clone()));
                    runtime.block_on(std::future::pending::<()>());
                }
                Err(error) => {
                    let _ = send.send(Err(error));
                }
            }
        })?;
    receive.recv().map_err(io::Error::other)?
}
