//! The connection to the SFU, and what is sent and received by it.

mod clip;
mod key_frames;
mod packets;
mod peer;
mod receive;
mod sections;
mod send;

use tokio::sync::{mpsc, watch};
use vestibule_vocab::Source;

pub use clip::Clip;
pub(crate) use peer::{Peer, PeerEvent, random_number};
pub(crate) use receive::Bindings;
pub use receive::ReceivedFrame;

use crate::group::Keys;

/// What a participant sends instead of a camera and a microphone. It may be changed at any time.
pub(crate) struct Media {
    camera: watch::Sender<Option<Clip>>,
    microphone: watch::Sender<Option<Clip>>,
}

impl Media {
    pub(crate) fn new(camera: Option<Clip>, microphone: Option<Clip>) -> Self {
        Self {
            camera: watch::Sender::new(camera),
            microphone: watch::Sender::new(microphone),
        }
    }

    /// Shows another picture from now on, or none.
    pub(crate) fn show(&self, camera: Option<Clip>) {
        self.camera.send_replace(camera);
    }

    pub(crate) fn has_camera(&self) -> bool {
        self.camera.borrow().is_some()
    }

    pub(crate) fn has_microphone(&self) -> bool {
        self.microphone.borrow().is_some()
    }

    /// What a source plays; a screen is not shared here.
    fn clip(&self, source: Source) -> Option<watch::Receiver<Option<Clip>>> {
        match source {
            Source::Microphone => Some(self.microphone.subscribe()),
            Source::Camera => Some(self.camera.subscribe()),
            Source::Screen => None,
        }
    }
}

/// What the tasks of a connection share with the participant.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) keys: Keys,
    pub(crate) bindings: Bindings,
    pub(crate) frames: mpsc::Sender<ReceivedFrame>,
}
