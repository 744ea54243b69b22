//! A line on the terminal that says how far a run is; nothing where there is no terminal.

use std::io::{IsTerminal, Write, stderr};

pub(crate) struct Progress {
    shown: bool,
    title: String,
    last: String,
}

const WIDTH: usize = 30;

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            shown: stderr().is_terminal(),
            title: String::new(),
            last: String::new(),
        }
    }

    /// What is run now.
    pub(crate) fn title(&mut self, title: impl Into<String>) {
        self.title = title.into();
    }

    /// Something of unknown length has begun.
    pub(crate) fn phase(&mut self, name: &str) {
        self.show(format!("{} {name}", self.title));
    }

    /// So much of something is done, from 0 to 1.
    pub(crate) fn share(&mut self, name: &str, share: f64) {
        let done = (share.clamp(0.0, 1.0) * WIDTH as f64) as usize;
        let bar = "#".repeat(done) + &"-".repeat(WIDTH - done);
        self.show(format!("{} {name:<10} [{bar}]", self.title));
    }

    fn show(&mut self, line: String) {
        if self.shown && line != self.last {
            // Nobody may be looking.
            let _ = write!(stderr(), "\r\x1b[K{line}");
            self.last = line;
        }
    }

    /// Leaves the line to others.
    pub(crate) fn clear(&mut self) {
        self.show(String::new());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
