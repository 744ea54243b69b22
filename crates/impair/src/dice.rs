//! Chance as data.

use crate::settings::Share;

/// The random numbers that decide about one packet.
///
/// They depend on the seed, the direction and the packet's number alone: not on time, not on what became of
/// the packets before, not on the settings. So the same packet is lost at the same share whenever it comes,
/// and a change of one setting leaves the others' chances as they were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rolls {
    pub(crate) chain: Roll,
    pub(crate) loss: Roll,
    pub(crate) jitter: Roll,
    pub(crate) hold: Roll,
    pub(crate) copy: Roll,
}

/// A number that is equally likely to be any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roll(u64);

impl Rolls {
    pub(crate) fn of(seed: u64, stream: u64, ordinal: u64) -> Self {
        let mut dice = SplitMix64(seed);
        let mut dice = SplitMix64(dice.next() ^ stream);
        let mut dice = SplitMix64(dice.next() ^ ordinal);
        Self {
            chain: Roll(dice.next()),
            loss: Roll(dice.next()),
            jitter: Roll(dice.next()),
            hold: Roll(dice.next()),
            copy: Roll(dice.next()),
        }
    }
}

impl Roll {
    /// Whether this is one of `share` of all rolls.
    pub(crate) fn within(self, share: Share) -> bool {
        self.below(Share::ALL_PPM) < share.ppm()
    }

    /// A number below `bound`.
    pub(crate) fn below(self, bound: u64) -> u64 {
        let product = u128::from(self.0) * u128::from(bound);
        // The upper half of the product is below the bound.
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). Written out, so
/// that a seed means the same whatever library comes or goes.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut dice = SplitMix64(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| dice.next()).collect();
        // The reference implementation's first outputs for this seed.
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
