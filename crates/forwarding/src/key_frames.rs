//! Key-frame requests of one track, coalesced.

use crate::Moment;
use crate::layers::Layers;
use crate::limits::{KEY_FRAME_INTERVAL, LAYERS};

/// Lets one request through per [`KEY_FRAME_INTERVAL`]. A request that comes sooner is not lost: it is
/// sent when the interval is over. Layers that are wished for at a time get their turn one after the other.
#[derive(Debug, Default)]
pub(crate) struct KeyFrames {
    sent: Option<Moment>,
    waiting: Layers,
    due: Option<u8>,
    /// The layer that was asked for last.
    last: u8,
}

impl KeyFrames {
    /// Somebody needs a key frame of a layer.
    pub(crate) fn request(&mut self, now: Moment, layer: u8) {
        self.waiting.insert(layer);
        if self.free_at().is_none_or(|free| now >= free) {
            self.fire(now);
        }
    }

    /// A key frame of a layer begins: who waits for its turn to ask for one needs no other.
    pub(crate) fn came(&mut self, layer: u8) {
        self.waiting.remove(layer);
    }

    /// When the next waiting request is sent, if there is one.
    pub(crate) fn next_timeout(&self) -> Option<Moment> {
        self.free_at().filter(|_| !self.waiting.is_empty())
    }

    /// Sends a waiting request when its time has come.
    pub(crate) fn handle_timeout(&mut self, now: Moment) {
        if self.next_timeout().is_some_and(|free| now >= free) {
            self.fire(now);
        }
    }

    /// The layer that a request is to be sent for now; once for each request.
    pub(crate) fn poll(&mut self) -> Option<u8> {
        self.due.take()
    }

    fn free_at(&self) -> Option<Moment> {
        self.sent.map(|sent| sent.plus(KEY_FRAME_INTERVAL))
    }

    fn fire(&mut self, now: Moment) {
        let turns = (1..=LAYERS as u8).map(|step| (self.last + step) % LAYERS as u8);
        let mut turns = turns.filter(|layer| self.waiting.contains(*layer));
        let Some(layer) = turns.next() else { return };
        self.waiting.remove(layer);
        self.sent = Some(now);
        self.last = layer;
        self.due = Some(layer);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::KeyFrames;
    use crate::Moment;
    use crate::limits::{KEY_FRAME_INTERVAL, LAYERS};

    const INTERVAL: u64 = KEY_FRAME_INTERVAL.as_micros() as u64;

    #[test]
    fn the_first_request_is_sent_at_once() {
        let mut requests = KeyFrames::default();
        requests.request(Moment::from_micros(0), 2);
        assert_eq!(requests.poll(), Some(2));
        assert_eq!(requests.poll(), None);
        assert_eq!(requests.next_timeout(), None);
    }

    #[test]
    fn a_request_within_the_interval_waits_for_its_end() {
        let mut requests = KeyFrames::default();
        requests.request(Moment::from_micros(0), 0);
        assert_eq!(requests.poll(), Some(0));
        requests.request(Moment::from_micros(10), 0);
        assert_eq!(requests.poll(), None);
        assert_eq!(requests.next_timeout(), Some(Moment::from_micros(INTERVAL)));
        requests.handle_timeout(Moment::from_micros(INTERVAL - 1));
        assert_eq!(requests.poll(), None);
        requests.handle_timeout(Moment::from_micros(INTERVAL));
        assert_eq!(requests.poll(), Some(0));
        assert_eq!(requests.next_timeout(), None);
    }

    #[test]
    fn a_key_frame_answers_the_request_that_waits_for_it() {
        let mut requests = KeyFrames::default();
        for layer in 0..LAYERS as u8 {
            requests.request(Moment::from_micros(0), layer);
        }
        assert_eq!(requests.poll(), Some(0));
        requests.came(1);
        requests.handle_timeout(Moment::from_micros(INTERVAL));
        assert_eq!(requests.poll(), Some(2));
        assert_eq!(requests.next_timeout(), None);
    }

    proptest! {
        /// Whatever comes when: two sent requests are an interval apart, and after each wish one for its
        /// layer is sent at or after it, within an interval for each layer.
        #[test]
        fn none_is_lost_and_none_is_early(
            gaps in prop::collection::vec((0_u64..500_000, 0..LAYERS as u8), 1..60)
        ) {
            let mut requests = KeyFrames::default();
            let (mut now, mut wishes, mut sent) = (0, Vec::new(), Vec::new());
            for (gap, layer) in gaps {
                now += gap;
                while let Some(due) = requests.next_timeout().filter(|due| due.as_micros() <= now) {
                    requests.handle_timeout(due);
                    sent.push((due.as_micros(), requests.poll().unwrap()));
                }
                wishes.push((now, layer));
                requests.request(Moment::from_micros(now), layer);
                sent.extend(requests.poll().map(|layer| (now, layer)));
            }
            while let Some(due) = requests.next_timeout() {
                requests.handle_timeout(due);
                sent.push((due.as_micros(), requests.poll().unwrap()));
            }
            prop_assert!(sent.windows(2).all(|pair| pair[1].0 - pair[0].0 >= INTERVAL));
            for (wish, layer) in wishes {
                let within = |at: u64| at >= wish && at - wish <= LAYERS as u64 * INTERVAL;
                prop_assert!(sent.iter().any(|&(at, of)| of == layer && within(at)));
            }
        }
    }
}
