//! The relay's place among the other threads of the machine.

use std::process::{Command, Stdio};

use rustix::process::setpriority_process;
use rustix::thread::{Pid, gettid};

/// The lowest half of what real-time programs have, so that an audio server still goes before.
const REAL_TIME: &str = "10";
/// Among ordinary programs, if there is no real time to be had.
const NICE: i32 = -15;

/// Lets this thread run before others, because a late relay is a bad line of its own. On two busy cores one
/// packet in twenty is more than a millisecond late without real time, and one in two hundred with it.
pub(crate) fn come_first() {
    let thread = gettid();
    if !real_time(thread) {
        // Only root may; the line works without.
        let _ = setpriority_process(Some(thread), NICE);
    }
}

/// Through a command of util-linux, because no safe library asks the kernel for it.
fn real_time(thread: Pid) -> bool {
    let thread = thread.as_raw_nonzero().to_string();
    let asked = Command::new("chrt")
        .args(["--rr", "--pid", REAL_TIME, &thread])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}
