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
        scaled(self.0 & 0xffff, of)
    }

    /// Another one of as many, whatever [`index`](Self::index) was.
    pub(super) fn other_index(self, of: usize) -> usize {
        scaled((self.0 >> 16) & 0xffff, of)
    }

    /// From 0 up to 1, whatever the indices were.
    pub(super) fn share(self) -> f64 {
        (self.0 >> 32) as f64 / (1_u64 << 32) as f64
    }

    /// Of nearly a normal distribution, of mean 0 and deviation 1: the sum of four even draws.
    pub(super) fn normal(self) -> f64 {
        let part = |shift: u32| ((self.0 >> shift) & 0xffff) as f64 / f64::from(0xffff);
        (part(0) + part(16) + part(32) + part(48) - 2.0) * 3.0_f64.sqrt()
    }
}

fn scaled(bits: u64, of: usize) -> usize {
    ((bits * of as u64) >> 16) as usize
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
