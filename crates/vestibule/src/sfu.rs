//! `vestibule sfu`: the media process.

use anyhow::Context as _;
use vestibule_sfu::SfuConfig;

/// Runs the media process with what the parent passed on.
pub(crate) fn run(rest: Vec<String>) -> anyhow::Result<()> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    crate::serve::start_log(&filter)?;
    let config = SfuConfig::from_args(rest)?;
    let listener = vestibule_sfu::inherited_listener()
        .context("`vestibule sfu` is started by `vestibule serve`, not by hand")?;
    Ok(vestibule_sfu::run(&config, listener)?)
}
