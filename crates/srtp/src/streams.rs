//! The streams of one direction, each with its window.

use crate::Refusal;
use crate::limits::STREAMS;
use crate::window::Window;

/// The windows by SSRC. They are few: searching a row is faster than any map.
#[derive(Debug, Default)]
pub(crate) struct Streams<const WORDS: usize> {
    streams: Vec<Stream<WORDS>>,
}

/// The SSRC lies beside what most packets look at.
#[derive(Debug)]
#[repr(C)]
struct Stream<const WORDS: usize> {
    ssrc: u32,
    window: Window<WORDS>,
}

impl<const WORDS: usize> Streams<WORDS> {
    pub(crate) const fn new() -> Self {
        Self {
            streams: Vec::new(),
        }
    }

    pub(crate) fn find(&mut self, ssrc: u32) -> Option<&mut Window<WORDS>> {
        let mut streams = self.streams.iter_mut();
        let stream = streams.find(|stream| stream.ssrc == ssrc)?;
        Some(&mut stream.window)
    }

    /// Whether one more stream can begin.
    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        if self.streams.len() < STREAMS {
            Ok(())
        } else {
            Err(Refusal::TooManyStreams)
        }
    }

    /// Begins a stream with its first packet, which was found authentic or is to be sealed.
    pub(crate) fn begin(&mut self, ssrc: u32, index: u64) {
        let window = Window::starting_with(index);
        // Streams are few and stay: there is a place for each, and none for others.
        self.streams.reserve_exact(1);
        self.streams.push(Stream { ssrc, window });
    }
}
