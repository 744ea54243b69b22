//! Draws that are the same each time: a counter, mixed.

/// A sequence of draws (SplitMix64: Steele, Lea and Flood, 2014).
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws(u64);

/// Sixty-four mixed bits, of which each user takes its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw(u64);

impl Draws {
    /// One sequence for each number.
    pub(super) fn numbered(number: u32) -> Self {
        Self(mix(u64::from(number).wrapping_add(1)))
    }

    pub(super) fn draw(&mut self) -> Draw {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Draw(mix(self.0))
    }
}

impl Draw {
    /// One of as many.
    pub(super) fn index(self, of: usize) -> usize {
        self.part(0, of)
    }

    /// Another one of as many, whatever [`index`](Self::index) was.
    pub(super) fn other_index(self, of: usize) -> usize {
        self.part(16, of)
    }

    /// Four of as many, for whoever needs nothing else of this draw.
    pub(super) fn indices(self, of: usize) -> [usize; 4] {
        [0, 16, 32, 48].map(|shift| self.part(shift, of))
    }

    /// From 0 up to 1, whatever the two indices were.
    pub(super) fn share(self) -> f64 {
        (self.0 >> 32) as f64 / (1_u64 << 32) as f64
    }

    fn part(self, shift: u32, of: usize) -> usize {
        let part = (self.0 >> shift) & 0xffff;
        (part.saturating_mul(of as u64) >> 16) as usize
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
