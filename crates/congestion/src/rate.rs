//! The rate by delay: up while the line is clear, down when a queue grows
//! (draft-ietf-rmcat-gcc-02 section 5.5).

use std::time::Duration;

use crate::Moment;
use crate::trend::Usage;

/// What is left of the arriving rate when a queue grows.
const DECREASE: f64 = 0.85;

/// Growth in a second while the line's capacity is not known.
const GROWTH: f64 = 1.08;

/// The rate grows to this many times what is sent, and this many bits above: what was never tried is not
/// known, and is for probes to find out. (libwebrtc has 1.5, and encoders that fill it; a server's
/// layers come in steps, and the step above must not be believed in for being far away.)
const HEADROOM: f64 = 1.25;
const HEADROOM_BITS: f64 = 10_000.0;

/// The least growth in a second near the known capacity, in bits a second.
const LEAST_GROWTH: f64 = 4_000.0;

/// How long the line takes to answer, beside two round trips.
const RESPONSE: Duration = Duration::from_millis(100);

/// The time between two decreases, beside a round trip: what arrives is measured over this time, and
/// would otherwise show the first decrease as a reason for the second.
const MEASURED: Duration = Duration::from_millis(250);

/// A probe that finds this many times the rate found a line that became wider.
const WIDER: f64 = 1.4;

/// Over what time is heard what arrives, with some room: this long after a decrease, all of it was sent to the line as
/// it is now.
const HEARD: Duration = Duration::from_millis(600);

/// A decrease is looked at again for so long.
const REMEMBERED: Duration = Duration::from_secs(4);

/// A decrease to below this part of what arrives went too far.
const TOO_FAR: f64 = 0.75;

/// How each measurement of what arrives weighs, when it is compared with the known capacity: frames
/// make single ones uneven.
const WEIGHT: f64 = 0.2;

/// What is known when a feedback came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    pub(crate) usage: Usage,
    /// What arrives, in bits a second.
    pub(crate) acked: Option<f64>,
    /// The same, lower when it just collapsed.
    pub(crate) collapsed: Option<f64>,
    /// The same of packets that were really heard of, over the last half second.
    pub(crate) heard: Option<f64>,
    /// Nothing waits on the way: what arrives is not all that the line takes.
    pub(crate) clear: bool,
    pub(crate) rtt: Duration,
    /// The part of the packets that is lost.
    pub(crate) loss: f64,
}

/// What is done at the next feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Hold,
    Increase,
}

#[derive(Debug)]
pub(crate) struct Rate {
    estimate: f64,
    state: State,
    updated: Option<Moment>,
    decreased: Option<Moment>,
    capacity: Capacity,
    /// What arrives, smoothed.
    arriving: Option<f64>,
}

impl Rate {
    pub(crate) fn new(start: f64) -> Self {
        Self {
            estimate: start,
            state: State::Hold,
            updated: None,
            decreased: None,
            capacity: Capacity::default(),
            arriving: None,
        }
    }

    /// Bits in a second.
    pub(crate) fn estimate(&self) -> f64 {
        self.estimate
    }

    /// When a growing queue last lowered it.
    pub(crate) fn decreased(&self) -> Option<Moment> {
        self.decreased
    }

    /// Sets it from outside: a probe's result, or silence.
    pub(crate) fn set(&mut self, now: Moment, estimate: f64) {
        self.estimate = estimate;
        self.updated = Some(now);
    }

    /// The line takes no more than this, as was found out otherwise.
    pub(crate) fn break_down(&mut self, now: Moment, estimate: f64) {
        self.forget_capacity();
        self.set(now, self.estimate.min(estimate));
        self.state = State::Hold;
        self.decreased = Some(now);
    }

    /// Keeps it within what the line may be set to.
    pub(crate) fn hold_within(&mut self, estimate: f64) {
        self.estimate = estimate;
    }

    /// A probe found that the line takes this. Where the capacity is known, a little more is only what
    /// somebody else leaves for a moment, and grabbing it would take the line from them.
    /// The same of one that met the line's limit: it crowded others out for its time, so half of it counts.
    pub(crate) fn proven(&mut self, now: Moment, rate: f64, limited: bool) -> bool {
        let known = self.capacity.mean.is_some();
        if rate <= self.estimate * if known { WIDER } else { 1.0 } {
            return false;
        }
        let crowded = known && limited;
        self.forget_capacity();
        self.set(
            now,
            if crowded {
                (self.estimate + rate) / 2.0
            } else {
                rate
            },
        );
        true
    }

    /// What was known of the line's capacity holds no more.
    pub(crate) fn forget_capacity(&mut self) {
        self.capacity = Capacity::default();
    }

    pub(crate) fn update(&mut self, now: Moment, evidence: &Evidence) {
        if let Some(acked) = evidence.acked {
            let before = self.arriving.unwrap_or(acked);
            self.arriving = Some(before + WEIGHT * (acked - before));
        }
        match evidence.usage {
            Usage::Over => self.decrease(now, evidence),
            Usage::Under => self.state = State::Hold,
            Usage::Normal if self.state == State::Hold => self.state = State::Increase,
            Usage::Normal => self.increase(now, evidence),
        }
        self.hold_above(now, evidence);
        self.updated = Some(now);
    }

    /// What arrives is what the line takes at least, and nearly all of it while packets wait. A quarter of a second of
    /// a narrow line has four packets in it, and a decrease by one that came late would take half a minute to mend.
    fn hold_above(&mut self, now: Moment, evidence: &Evidence) {
        let settled = self.decreased.is_some_and(|before| {
            let since = now.since(before);
            since >= HEARD + evidence.rtt && since < REMEMBERED
        });
        let least = evidence.heard.filter(|_| settled).map(|heard| {
            if evidence.clear {
                heard
            } else {
                heard * DECREASE
            }
        });
        if let Some(least) = least.filter(|least| *least * TOO_FAR > self.estimate) {
            self.estimate = least;
            self.capacity = Capacity::default();
        }
    }

    fn decrease(&mut self, now: Moment, evidence: &Evidence) {
        let Some(arriving) = evidence.collapsed else {
            return;
        };
        if !self.may_decrease(now, arriving, evidence.rtt) {
            return;
        }
        let mut lower = arriving * DECREASE;
        if lower > self.estimate
            && let Some(capacity) = self.capacity.mean
        {
            lower = capacity * DECREASE;
        }
        self.estimate = self.estimate.min(lower);
        self.capacity.met(arriving);
        self.state = State::Hold;
        self.decreased = Some(now);
    }

    fn may_decrease(&self, now: Moment, arriving: f64, rtt: Duration) -> bool {
        let since = self.decreased.map(|before| now.since(before));
        since.is_none_or(|since| since >= rtt + MEASURED) || arriving < self.estimate / 2.0
    }

    fn increase(&mut self, now: Moment, evidence: &Evidence) {
        let Some(acked) = evidence.acked else {
            return;
        };
        let sent = acked / (1.0 - evidence.loss).max(0.5);
        let most = sent * HEADROOM + HEADROOM_BITS;
        if self.estimate >= most {
            return;
        }
        self.capacity.forget_below(self.arriving.unwrap_or(acked));
        let seconds = self
            .updated
            .map_or(0.0, |before| now.since(before).as_secs_f64().min(1.0));
        let higher = if self.capacity.mean.is_some() {
            self.estimate + self.growth_near_capacity(evidence.rtt) * seconds
        } else {
            self.estimate * GROWTH.powf(seconds) + 1000.0 * seconds
        };
        self.estimate = higher.min(most);
    }

    /// About one packet more in each response time.
    fn growth_near_capacity(&self, rtt: Duration) -> f64 {
        let frame = self.estimate / 30.0;
        let packets = (frame / (1200.0 * 8.0)).ceil().max(1.0);
        let response = (rtt * 2 + RESPONSE).as_secs_f64();
        (frame / packets / response).max(LEAST_GROWTH)
    }
}

/// The arriving rate at which queues grew before.
#[derive(Debug)]
struct Capacity {
    mean: Option<f64>,
    /// The mean square deviation over the mean, in kbit/s.
    deviation: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            mean: None,
            deviation: 0.4,
        }
    }
}

impl Capacity {
    /// A queue grew while this much arrived.
    fn met(&mut self, arriving: f64) {
        if self
            .mean
            .is_some_and(|mean| arriving < mean - self.spread(mean))
        {
            *self = Self::default();
        }
        self.learn(arriving, 0.05);
    }

    fn learn(&mut self, sample: f64, weight: f64) {
        let mean = self
            .mean
            .map_or(sample, |mean| mean + weight * (sample - mean));
        let error = (mean - sample) / 1000.0;
        let normalized = error * error / (mean / 1000.0).max(1.0);
        self.deviation = ((1.0 - weight) * self.deviation + weight * normalized).clamp(0.4, 2.5);
        self.mean = Some(mean);
    }

    /// More arrives than ever did: the line became wider.
    fn forget_below(&mut self, arriving: f64) {
        if self
            .mean
            .is_some_and(|mean| arriving > mean + self.spread(mean))
        {
            *self = Self::default();
        }
    }

    /// Three standard deviations.
    fn spread(&self, mean: f64) -> f64 {
        3000.0 * (self.deviation * mean / 1000.0).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Rate};
    use crate::Moment;
    use crate::trend::Usage;
    use std::time::Duration;

    fn evidence(usage: Usage, acked: f64) -> Evidence {
        Evidence {
            usage,
            acked: Some(acked),
            collapsed: Some(acked),
            heard: Some(acked),
            clear: usage != Usage::Over,
            rtt: Duration::from_millis(50),
            loss: 0.0,
        }
    }

    fn run(rate: &mut Rate, from: u64, feedbacks: u64, usage: Usage, acked: f64) {
        for feedback in 0..feedbacks {
            let now = Moment::from_micros((from + feedback * 100) * 1000);
            rate.update(now, &evidence(usage, acked));
        }
    }

    #[test]
    fn a_clear_line_gives_eight_percent_a_second_and_no_more_than_was_tried() {
        let mut rate = Rate::new(1_000_000.0);
        run(&mut rate, 0, 12, Usage::Normal, 1_000_000.0);
        assert!((1_070_000.0..1_100_000.0).contains(&rate.estimate()));
        run(&mut rate, 1200, 1000, Usage::Normal, 1_000_000.0);
        assert!(rate.estimate() <= 1_260_000.0);
    }

    #[test]
    fn a_growing_queue_takes_it_below_what_arrives() {
        let mut rate = Rate::new(1_000_000.0);
        run(&mut rate, 0, 1, Usage::Over, 600_000.0);
        assert!((rate.estimate() - 510_000.0).abs() < 1.0);
    }

    #[test]
    fn a_decrease_that_went_too_far_is_taken_back_by_what_arrives() {
        let mut rate = Rate::new(1_000_000.0);
        run(&mut rate, 0, 1, Usage::Over, 40_000.0);
        assert!(rate.estimate() < 40_000.0);
        run(&mut rate, 100, 5, Usage::Under, 120_000.0);
        assert!(rate.estimate() < 40_000.0, "this was sent before");
        run(&mut rate, 700, 1, Usage::Under, 120_000.0);
        assert!((rate.estimate() - 120_000.0).abs() < 1.0);
    }

    #[test]
    fn near_the_known_capacity_it_grows_by_a_packet_at_a_time() {
        let mut rate = Rate::new(1_000_000.0);
        run(&mut rate, 0, 1, Usage::Over, 1_000_000.0);
        run(&mut rate, 100, 12, Usage::Normal, 900_000.0);
        let grown = rate.estimate() - 850_000.0;
        assert!((4_000.0..60_000.0).contains(&grown), "{grown}");
    }
}
