//! The ordinary server, but for one thing: its media process writes down every RTP packet that it receives
//! and sends, with SRTP off, as lines of JSON in the file that `VESTIBULE_TAP` names. The browser tests
//! hand them to a decoder and look for pictures. It panics at the next packet where a file is that `VESTIBULE_PANIC` names,
//! once: a defect, to see what comes after.

mod defect;
mod record;

use std::fs::OpenOptions;
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::sync::Arc;

use defect::Defect;
use record::Recorder;
use vestibule_sfu::{RunError, SfuConfig, Tap};

/// Where the packets are written.
const FILE: &str = "VESTIBULE_TAP";

/// Where a file has it panic.
const PANIC: &str = "VESTIBULE_PANIC";

fn main() -> ExitCode {
    vestibule::main(run_tapped)
}

fn run_tapped(config: &SfuConfig, listener: UnixListener) -> Result<(), RunError> {
    let path = std::env::var_os(FILE).ok_or_else(|| {
        std::io::Error::other("VESTIBULE_TAP must name the file that the packets are written to")
    })?;
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let recorder = Recorder::new(file);
    let tap: Arc<dyn Tap> = match std::env::var_os(PANIC) {
        Some(order) => Arc::new(Defect::new(order.into(), recorder)),
        None => Arc::new(recorder),
    };
    vestibule_sfu::run_tapped(config, listener, &tap)
}
