//! Where the long-running commands log to, and how much.

use tracing_subscriber::EnvFilter;

/// Logs to standard error; `TENANTRY_LOG` sets how much (`info` by default), `TENANTRY_LOG_FORMAT=json` the form.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("TENANTRY_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,webauthn_rs=off,webauthn_rs_core=off"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let json = std::env::var("TENANTRY_LOG_FORMAT").is_ok_and(|format| format == "json");
    let started = if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    // A second subscriber in one process is a mistake of tests only; the first one goes on.
    drop(started);
}
