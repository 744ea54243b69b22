//! `vestibule sfu`: the media process.

use std::os::unix::net::UnixListener;

use anyhow::Context as _;
use vestibule_sfu::{RunError, SfuConfig};

/// How the media process is run: with its settings and the control link's listening socket.
pub type RunSfu = fn(&SfuConfig, UnixListener) -> Result<(), RunError>;

/// Runs the media process with what the parent passed on.
pub(crate) fn run(rest: Vec<String>, run_sfu: RunSfu) -> anyhow::Result<()> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    crate::serve::start_log(&filter)?;
    let config = SfuConfig::from_args(rest)?;
    let listener = vestibule_sfu::inherited_listener()
        .context("`vestibule sfu` is started by `vestibule serve`, not by hand")?;
    Ok(run_sfu(&config, listener)?)
}
