//! Octets in chunks, the oldest of which are written over.

use crate::Moment;
use crate::limits::{HISTORY_AGE, HISTORY_CHUNK, HISTORY_CHUNKS};

/// Where something was stored. It is found there until it is written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// How often the chunk had been begun.
    pub(super) round: u32,
    pub(super) start: u16,
    pub(super) length: u16,
    pub(super) chunk: u8,
}

#[derive(Debug, Default)]
pub(super) struct Chunks {
    chunks: Vec<Chunk>,
    /// The one that is being filled.
    current: usize,
}

#[derive(Debug)]
struct Chunk {
    octets: Box<[u8]>,
    filled: usize,
    round: u32,
    newest: Moment,
}

impl Chunks {
    pub(super) fn store(&mut self, now: Moment, payload: &[u8]) -> Option<Place> {
        let current = self.chunks.get(self.current);
        if !current.is_some_and(|chunk| chunk.takes(payload.len())) {
            self.current = self.begin(now);
        }
        let (round, start) = self.chunks.get_mut(self.current)?.push(now, payload)?;
        Some(Place {
            round,
            start: u16::try_from(start).ok()?,
            length: u16::try_from(payload.len()).ok()?,
            chunk: u8::try_from(self.current).ok()?,
        })
    }

    pub(super) fn find(&self, place: Place) -> Option<&[u8]> {
        let chunk = self.chunks.get(usize::from(place.chunk))?;
        let start = usize::from(place.start);
        let octets = chunk.octets.get(start..start + usize::from(place.length));
        octets.filter(|_| chunk.has(place))
    }

    pub(super) fn memory(&self) -> usize {
        self.chunks.len() * HISTORY_CHUNK + self.chunks.capacity() * size_of::<Chunk>()
    }

    /// Begins a chunk: the oldest when nobody would ask for what is in it any more or there are as many as
    /// there may be, and else a new one.
    fn begin(&mut self, now: Moment) -> usize {
        let full = self.chunks.len() >= HISTORY_CHUNKS;
        let numbered = self.chunks.iter_mut().enumerate();
        let oldest = numbered.min_by_key(|(_, chunk)| chunk.newest);
        if let Some((index, chunk)) = oldest.filter(|(_, chunk)| full || chunk.is_old(now)) {
            chunk.restart();
            return index;
        }
        if self.chunks.capacity() == 0 {
            self.chunks.reserve_exact(HISTORY_CHUNKS);
        }
        self.chunks.push(Chunk::new());
        self.chunks.len() - 1
    }
}

impl Chunk {
    fn new() -> Self {
        Self {
            octets: vec![0; HISTORY_CHUNK].into_boxed_slice(),
            filled: 0,
            round: 0,
            newest: Moment::from_micros(0),
        }
    }

    fn takes(&self, length: usize) -> bool {
        self.filled + length <= self.octets.len()
    }

    fn is_old(&self, now: Moment) -> bool {
        now.since(self.newest) > HISTORY_AGE
    }

    /// What is in it is written over from its beginning on.
    fn restart(&mut self) {
        self.filled = 0;
        self.round = self.round.wrapping_add(1);
    }

    /// Whether something is there still: of this round, or of the last one and not yet reached.
    fn has(&self, place: Place) -> bool {
        let ago = self.round.wrapping_sub(place.round);
        ago == 0 || (ago == 1 && usize::from(place.start) >= self.filled)
    }

    fn push(&mut self, now: Moment, payload: &[u8]) -> Option<(u32, usize)> {
        let start = self.filled;
        let free = self.octets.get_mut(start..start + payload.len())?;
        free.copy_from_slice(payload);
        self.filled += payload.len();
        self.newest = now;
        Some((self.round, start))
    }
}
