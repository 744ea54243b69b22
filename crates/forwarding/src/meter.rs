//! How much of a layer comes.

use crate::Moment;
use crate::limits::{LAYER_SILENT_AFTER, METER_SPAN};

/// Parts that [`METER_SPAN`] is counted in.
const PARTS: usize = 8;
const PART_MICROS: u64 = METER_SPAN.as_micros() as u64 / PARTS as u64;

/// Counts octets over the last [`METER_SPAN`].
#[derive(Debug)]
pub(crate) struct Meter {
    began: Moment,
    heard: Moment,
    /// The octets of each part of the span, at the part's number modulo [`PARTS`].
    octets: [u32; PARTS],
}

impl Meter {
    /// A meter of a stream that begins now.
    pub(crate) fn starting(now: Moment) -> Self {
        Self {
            began: now,
            heard: now,
            octets: [0; PARTS],
        }
    }

    /// Takes note of a packet with so many octets of payload.
    pub(crate) fn note(&mut self, now: Moment, octets: usize) {
        let (before, part) = (part_of(self.heard), part_of(now));
        for skipped in (before + 1..=part).take(PARTS) {
            self.set(skipped, 0);
        }
        if part_of(self.heard) <= part {
            self.heard = self.heard.max(now);
        }
        let sum = self
            .get(part)
            .saturating_add(u32::try_from(octets).unwrap_or(u32::MAX));
        self.set(part, sum);
    }

    /// Whether anything came lately.
    pub(crate) fn flows(&self, now: Moment) -> bool {
        now.since(self.heard) < LAYER_SILENT_AFTER
    }

    /// Bits of payload in a second, over the last span or since the stream began.
    pub(crate) fn bitrate(&self, now: Moment) -> u64 {
        let (newest, part) = (part_of(self.heard), part_of(now));
        let oldest = (part + 1).saturating_sub(PARTS as u64);
        let parts = oldest..=newest;
        let octets: u64 = parts.map(|part| u64::from(self.get(part))).sum();
        let begins = Moment::from_micros(oldest.saturating_mul(PART_MICROS)).max(self.began);
        let micros = u64::try_from(now.since(begins).as_micros()).unwrap_or(u64::MAX);
        octets.saturating_mul(8_000_000) / micros.max(PART_MICROS)
    }

    fn get(&self, part: u64) -> u32 {
        self.octets.get(place(part)).copied().unwrap_or(0)
    }

    fn set(&mut self, part: u64, octets: u32) {
        if let Some(found) = self.octets.get_mut(place(part)) {
            *found = octets;
        }
    }
}

fn part_of(moment: Moment) -> u64 {
    moment.as_micros() / PART_MICROS
}

fn place(part: u64) -> usize {
    (part % PARTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Meter;
    use crate::Moment;

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn a_steady_stream_is_measured_from_its_begin_on() {
        let mut meter = Meter::starting(at(5_000));
        for packet in 0..500 {
            let now = at(5_000 + packet * 10);
            meter.note(now, 1250);
            let bitrate = meter.bitrate(now);
            if packet >= 30 {
                assert!(
                    (900_000..1_150_000).contains(&bitrate),
                    "{packet}: {bitrate}"
                );
            }
        }
    }

    #[test]
    fn what_is_silent_does_not_flow_and_counts_for_nothing() {
        let mut meter = Meter::starting(at(0));
        meter.note(at(0), 1000);
        assert!(meter.flows(at(999)));
        assert!(!meter.flows(at(1000)));
        assert_eq!(meter.bitrate(at(3000)), 0);
        meter.note(at(9000), 10);
        assert!(meter.flows(at(9000)));
        assert!(
            meter.bitrate(at(9000)) < 1000,
            "the old octets are forgotten"
        );
    }

    proptest! {
        #[test]
        fn no_more_is_measured_than_came(gaps in prop::collection::vec((0_u64..3_000, 0_usize..1500), 1..200)) {
            let mut meter = Meter::starting(at(0));
            let (mut now, mut came) = (0, Vec::new());
            for (gap, octets) in gaps {
                now += gap;
                meter.note(at(now), octets);
                came.push((now, octets as u64));
                let lately: u64 = came.iter().filter(|(when, _)| now - when <= 1000).map(|(_, octets)| octets).sum();
                prop_assert!(meter.bitrate(at(now)) <= lately * 8 * 8);
            }
        }
    }
}
