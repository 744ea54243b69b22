//! Key-frame requests of one track, coalesced.

use crate::Moment;
use crate::limits::KEY_FRAME_INTERVAL;

/// Lets one request through per [`KEY_FRAME_INTERVAL`]. A request that comes sooner is not lost: it is
/// sent when the interval is over.
#[derive(Debug, Default)]
pub(crate) struct KeyFrames {
    sent: Option<Moment>,
    waiting: bool,
    due: bool,
}

impl KeyFrames {
    /// Somebody needs a key frame.
    pub(crate) fn request(&mut self, now: Moment) {
        match self.free_at() {
            Some(free) if now < free => self.waiting = true,
            Some(_) | None => self.fire(now),
        }
    }

    /// When the waiting request is sent, if there is one.
    pub(crate) fn next_timeout(&self) -> Option<Moment> {
        self.free_at().filter(|_| self.waiting)
    }

    /// Sends the waiting request when its time has come.
    pub(crate) fn handle_timeout(&mut self, now: Moment) {
        if self.next_timeout().is_some_and(|free| now >= free) {
            self.fire(now);
        }
    }

    /// Whether a request is to be sent now; true once for each.
    pub(crate) fn poll(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }

    fn free_at(&self) -> Option<Moment> {
        self.sent.map(|sent| sent.plus(KEY_FRAME_INTERVAL))
    }

    fn fire(&mut self, now: Moment) {
        self.sent = Some(now);
        self.waiting = false;
        self.due = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::KeyFrames;
    use crate::Moment;
    use crate::limits::KEY_FRAME_INTERVAL;

    const INTERVAL: u64 = KEY_FRAME_INTERVAL.as_micros() as u64;

    #[test]
    fn the_first_request_is_sent_at_once() {
        let mut requests = KeyFrames::default();
        requests.request(Moment::from_micros(0));
        assert!(requests.poll());
        assert!(!requests.poll());
        assert_eq!(requests.next_timeout(), None);
    }

    #[test]
    fn a_request_within_the_interval_waits_for_its_end() {
        let mut requests = KeyFrames::default();
        requests.request(Moment::from_micros(0));
        assert!(requests.poll());
        requests.request(Moment::from_micros(10));
        assert!(!requests.poll());
        assert_eq!(requests.next_timeout(), Some(Moment::from_micros(INTERVAL)));
        requests.handle_timeout(Moment::from_micros(INTERVAL - 1));
        assert!(!requests.poll());
        requests.handle_timeout(Moment::from_micros(INTERVAL));
        assert!(requests.poll());
        assert_eq!(requests.next_timeout(), None);
    }

    proptest! {
        /// Whatever comes when: two sent requests are an interval apart, and after each wish one is sent
        /// at or after it, within an interval.
        #[test]
        fn none_is_lost_and_none_is_early(gaps in prop::collection::vec(0_u64..500_000, 1..60)) {
            let mut requests = KeyFrames::default();
            let (mut now, mut wishes, mut sent) = (0, Vec::new(), Vec::new());
            for gap in gaps {
                now += gap;
                while let Some(due) = requests.next_timeout().filter(|due| due.as_micros() <= now) {
                    requests.handle_timeout(due);
                    prop_assert!(requests.poll());
                    sent.push(due.as_micros());
                }
                wishes.push(now);
                requests.request(Moment::from_micros(now));
                if requests.poll() {
                    sent.push(now);
                }
            }
            if let Some(due) = requests.next_timeout() {
                requests.handle_timeout(due);
                prop_assert!(requests.poll());
                sent.push(due.as_micros());
            }
            prop_assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= INTERVAL));
            for wish in wishes {
                prop_assert!(sent.iter().any(|&at| at >= wish && at - wish <= INTERVAL));
            }
        }
    }
}
