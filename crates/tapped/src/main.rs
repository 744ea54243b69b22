//! The ordinary server, but for one thing: its media process writes down every RTP packet that it receives
//! and sends, with SRTP off, as lines of JSON in the file that `VESTIBULE_TAP` names. The browser tests
//! hand them to a decoder and look for pictures.

mod record;

use std::fs::OpenOptions;
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::sync::Arc;

use record::Recorder;
use vestibule_sfu::{RunError, SfuConfig, Tap};

/// Where the packets are written.
const FILE: &str = "VESTIBULE_TAP";

fn main() -> ExitCode {
    vestibule::main(run_tapped)
}

fn run_tapped(config: &SfuConfig, listener: UnixListener) -> Result<(), RunError> {
    let path = std::env::var_os(FILE).ok_or_else(|| {
        std::io::Error::other("VESTIBULE_TAP must name the file that the packets are written to")
    })?;
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let tap: Arc<dyn Tap> = Arc::new(Recorder::new(file));
    vestibule_sfu::run_tapped(config, listener, &tap)
}
