//! A defect that panics when it is told to.

use std::path::PathBuf;

use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

use crate::record::Recorder;

/// Panics at a packet while there is a file, which it removes, and leaves all others to the recorder.
pub(crate) struct Defect {
    order: PathBuf,
    recorder: Recorder,
}

impl Defect {
    pub(crate) fn new(order: PathBuf, recorder: Recorder) -> Self {
        Self { order, recorder }
    }
}

impl Tap for Defect {
    fn received(&self, call: CallId, of: (Seat, Source), packet: &Packet<'_>, marker: bool) {
        assert!(
            std::fs::remove_file(&self.order).is_err(),
            "a test asked for it"
        );
        self.recorder.received(call, of, packet, marker);
    }

    fn sent(&self, call: CallId, forwarded: &Forwarded, packet: &Packet<'_>, marker: bool) {
        self.recorder.sent(call, forwarded, packet, marker);
    }
}
