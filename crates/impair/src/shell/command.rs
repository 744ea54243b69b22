//! The command that runs behind the bad line.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::rig::Rig;
use crate::limits::COMMAND_GRACE;

/// Starts the command in the namespace, with this program's input and output. Its environment says where it is.
pub(crate) fn start(rig: &Rig, words: &[OsString]) -> anyhow::Result<Child> {
    let namespace = rig.namespace.name();
    let number = rig.claim.number;
    Command::new("ip")
        .args(["netns", "exec", namespace])
        .args(words)
        .env("IMPAIR_NAMESPACE", namespace)
        .env("IMPAIR_ADDRESS", number.near_address().to_string())
        .env("IMPAIR_FAR_ADDRESS", number.far_address().to_string())
        .kill_on_drop(true)
        .spawn()
        .context("the command cannot be started")
}

/// Asks the command to end, and makes it.
pub(crate) async fn end(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
    match timeout(COMMAND_GRACE, child.wait()).await {
        Ok(status) => Ok(status?),
        Err(_) => {
            child.kill().await?;
            Ok(child.wait().await?)
        }
    }
}

/// As a shell tells it: of a command that was killed, 128 and the signal.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let killed = status.signal().map(|signal| 128 + signal);
    let code = status.code().or(killed).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
