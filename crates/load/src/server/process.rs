//! A server's process: started on its cores, and ended whatever happens.

use std::io;
use std::process::{Child, ChildStdout, Command};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::cores::Cores;
use crate::limits::SERVER;

/// A child process that does not outlive this value.
pub(crate) struct Process {
    child: Child,
}

/// How often it is looked whether a process has ended.
const LOOK: Duration = Duration::from_millis(10);

impl Process {
    /// Starts a command on the server's cores.
    pub(crate) fn start(command: &mut Command, cores: &Cores) -> anyhow::Result<Self> {
        let child = cores.as_server(|| command.spawn())?;
        Self::made(child, command)
    }

    /// Starts a command on the cores of both sides: [`Cores::move_to_server`] is to follow.
    pub(crate) fn start_on_both(command: &mut Command, cores: &Cores) -> anyhow::Result<Self> {
        let child = cores.as_both(|| command.spawn())?;
        Self::made(child, command)
    }

    fn made(child: io::Result<Child>, command: &Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy();
        let child = child.with_context(|| format!("{program} cannot be started"))?;
        Ok(Self { child })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it writes, where the command has it piped.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Why it is not there any more, if it has ended.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            Some(status) => anyhow::bail!("the server ended: {status}"),
            None => Ok(()),
        }
    }

    /// Waits for its end, for a time.
    pub(crate) fn wait(&mut self) -> bool {
        let end = Instant::now() + SERVER;
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(LOOK),
                Ok(Some(_)) | Err(_) => return true,
            }
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
