//! The streams of one direction, each with its window.

use crate::Refusal;
use crate::limits::STREAMS;
use crate::window::Window;

/// The windows by SSRC. They are few: searching a row of numbers is faster than any map.
#[derive(Debug, Default)]
pub(crate) struct Streams<const WORDS: usize> {
    ssrcs: Vec<u32>,
    windows: Vec<Window<WORDS>>,
}

impl<const WORDS: usize> Streams<WORDS> {
    pub(crate) const fn new() -> Self {
        Self {
            ssrcs: Vec::new(),
            windows: Vec::new(),
        }
    }

    pub(crate) fn find(&mut self, ssrc: u32) -> Option<&mut Window<WORDS>> {
        let place = self.ssrcs.iter().position(|known| *known == ssrc)?;
        self.windows.get_mut(place)
    }

    /// Whether one more stream can begin.
    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        if self.ssrcs.len() < STREAMS {
            Ok(())
        } else {
            Err(Refusal::TooManyStreams)
        }
    }

    /// Begins a stream with its first packet, which was found authentic or is to be sealed.
    pub(crate) fn begin(&mut self, ssrc: u32, index: u64) {
        self.ssrcs.push(ssrc);
        self.windows.push(Window::starting_with(index));
    }
}
