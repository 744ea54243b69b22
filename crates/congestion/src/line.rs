//! A line: what leaves, what is heard of it, and what follows from that.

use std::time::Duration;

use crate::acked::Throughput;
use crate::delay::Delay;
use crate::limits::{
    GROWTH_A_SECOND, GROWTH_PAUSE, MAX_BITRATE, MIN_BITRATE, REORDERING, SILENCE_FACTOR,
    START_BITRATE,
};
use crate::loss::{Loss, Surroundings};
use crate::plan::{INTERVAL, PROBE_MARGIN, Plan};
use crate::probe::{Found, Padding, Prober};
use crate::rate::{Evidence, Rate};
use crate::sent::{Acknowledged, Fates, Sent};
use crate::silence::Silence;
use crate::trend::Usage;
use crate::{Bitrate, Moment};

/// Between which targets, and where to begin.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The first target.
    pub start: Bitrate,
    /// No target is lower.
    pub min: Bitrate,
    /// No target is higher.
    pub max: Bitrate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start: START_BITRATE,
            min: MIN_BITRATE,
            max: MAX_BITRATE,
        }
    }
}

/// What a transport-wide feedback says of one packet
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its transport-wide number.
    pub number: u16,
    /// When it arrived, by the receiver's clock; `None` when it had not.
    pub arrived: Option<Moment>,
}

/// What is known of a line, for whoever decides what is sent on it.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What it takes.
    pub target: Bitrate,
    /// See [`Line::is_congested`].
    pub congested: bool,
}

/// The way to one receiver. What is looked at with each packet lies together, and before what a feedback needs: most lines
/// are in no cache any more when their next packet leaves.
#[derive(Debug)]
#[repr(C)]
pub struct Line {
    silence: Silence,
    rtt: Option<Duration>,
    sent: Sent,
    prober: Prober,
    settings: Settings,
    wanted: f64,
    target: f64,
    target_at: Moment,
    /// When it was probed last because nothing was sent over it.
    asked_at: Moment,
    arriving: Throughput,
    /// The same without what is presumed.
    heard: Throughput,
    delay: Delay,
    rate: Rate,
    loss: Loss,
    plan: Plan,
    newest: Option<Acknowledged>,
    /// Packets that left before are no evidence: they left before or in a silence.
    evidence_from: Moment,
    /// It broke down, as was found out otherwise, and nothing was heard since of an empty line.
    broke_down: bool,
    /// When hardly anything waited on the way last.
    clear_at: Moment,
}

/// A line must be clear of queues for this long before a probe.
const CLEAR: Duration = Duration::from_millis(1_000);

/// A queue shorter than this is no reason not to probe.
const SHORT_QUEUE: Duration = Duration::from_millis(50);

/// A queue longer than this, or a part lost that is larger than this, is congestion.
const LONG_QUEUE: Duration = Duration::from_millis(80);
const LOSSY: f64 = 0.15;

/// A queue that was short this long ago grew just now.
const GREW_WITHIN: Duration = Duration::from_millis(1_000);

/// Receivers report several times a second, the fewer times the less they send: of a line that something was sent over
/// is to be heard within this time.
const UNHEARD: Duration = Duration::from_millis(400);

/// What a line that broke down is believed to take until more is known: a voice and a small picture.
const BROKEN_DOWN: f64 = 150_000.0;

/// How long after a decrease the target is lowered further by what waits in the queue.
const DRAIN: Duration = Duration::from_secs(4);

/// Where packets are shaken more than this a probe's length is blurred, and it raises the target by no more
/// than this factor.
const BLURRED: Duration = Duration::from_millis(8);
const CAUTIOUS: f64 = 1.5;

impl Line {
    /// A line of which nothing is known.
    #[must_use]
    pub fn new(now: Moment, settings: Settings) -> Self {
        let start = settings
            .start
            .clamp(settings.min, settings.max.max(settings.min));
        let mut prober = Prober::default();
        prober.plan(
            (start.as_f64() * 3.0).min(settings.max.as_f64()),
            Some((start.as_f64() * 6.0).min(settings.max.as_f64())),
        );
        Self {
            settings,
            wanted: settings.max.as_f64(),
            target: start.as_f64(),
            target_at: now,
            asked_at: now,
            sent: Sent::new(),
            arriving: Throughput::default(),
            heard: Throughput::default(),
            delay: Delay::new(),
            rate: Rate::new(start.as_f64()),
            loss: Loss::new(now),
            prober,
            plan: Plan::new(now),
            rtt: None,
            newest: None,
            silence: Silence::default(),
            evidence_from: now,
            broke_down: false,
            clear_at: now,
        }
    }

    /// What to send at most: media, retransmissions and headers together.
    #[must_use]
    pub fn target(&self) -> Bitrate {
        Bitrate::from_f64(self.target)
    }

    /// How long it takes until something is heard of a packet, smoothed; `None` before anything was.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.rtt
    }

    /// The part of the packets that was lost lately, from 0 to 1.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss.recent()
    }

    /// The part of the packets that this line loses whatever is sent, from 0 to 1.
    #[must_use]
    pub fn inherent_loss(&self) -> f64 {
        self.loss.inherent()
    }

    /// Whether packets wait on the way, or more of them are lost than this line always loses.
    #[must_use]
    pub fn is_congested(&self) -> bool {
        let lossy = |lost| lost - self.loss.inherent() > LOSSY;
        self.broke_down
            || self.delay.queue() >= LONG_QUEUE
            || (lossy(self.loss.recent()) && lossy(self.loss.latest()))
    }

    /// The line may have broken down: what comes from the other side is lost. Where nothing is heard either of what was sent
    /// over it, or of a queue that grew just now, it is taken to be narrow.
    pub fn break_down(&mut self, now: Moment) {
        if self.silence.length(now) >= UNHEARD {
            self.fall(now);
        } else {
            self.suspect(now);
        }
    }

    /// What came last from the other side was lost, which may be chance. Where a queue grew this way just now, it is none. A
    /// delay that stays is that of another way, as after a change of networks.
    pub fn suspect(&mut self, now: Moment) {
        if self.delay.queue() >= LONG_QUEUE && now.since(self.clear_at) < GREW_WITHIN {
            self.fall(now);
        }
    }

    fn fall(&mut self, now: Moment) {
        if self.target <= BROKEN_DOWN {
            return;
        }
        self.broke_down = true;
        self.prober.stop();
        self.rate.break_down(now, BROKEN_DOWN);
        self.plan.note_fall(now, self.target);
        self.retarget(now, None);
    }

    /// What leaves from now on goes to another address: what was heard of the way before says neither how long packets
    /// take on the new one nor what it loses. The target stays until that is heard of.
    pub fn go_another_way(&mut self, now: Moment) {
        self.evidence_from = now;
        self.delay.go_another_way();
        self.loss.restart(now);
        self.rate.forget_capacity();
        self.prober.stop();
    }

    /// Whether nothing is heard of what was sent.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silence.is_on()
    }

    /// What the receiver would get on a line without limits. While that is more than the target, the line
    /// is probed now and then; without a word it is the maximum.
    pub fn set_wanted(&mut self, wanted: Bitrate) {
        self.wanted = wanted.min(self.settings.max).as_f64();
    }

    /// No padding is sent any more, as nothing is wanted of the line: a probe that began is left off.
    pub fn leave_off_probing(&mut self) {
        self.prober.leave_off();
    }

    /// A packet leaves now: its bytes with all headers. Returns the transport-wide number to write into it.
    pub fn on_sent(&mut self, now: Moment, size: u16) -> u16 {
        self.silence.on_sent(now);
        let cluster = self.prober.sending();
        let sequence = self.sent.push(now, size, cluster);
        if cluster != 0 {
            self.prober.on_sent(now, cluster, sequence, size);
        }
        sequence as u16
    }

    /// What padding is to leave now, if any: ask again after each packet of it, until there is none.
    #[must_use]
    pub fn want_padding(&mut self, now: Moment) -> Option<Padding> {
        self.prober.want_padding(now)
    }

    /// When [`Self::handle_timeout`] and [`Self::want_padding`] are to be called next; `None` while
    /// nothing is under way.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        let silence = self.silent_from().into_iter();
        let asked = silence.chain(self.asked_from());
        asked.chain(self.prober.next_timeout()).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.asked_from().is_some_and(|from| now >= from) {
            self.ask(now);
        }
        if self.silent_from().is_none_or(|from| now < from) {
            return;
        }
        self.silence.lower(now, self.target);
        self.prober.stop();
        self.rate.set(now, self.target * SILENCE_FACTOR);
        self.retarget(now, None);
    }

    /// Learns from a feedback: all that it says, the missing packets too, or their loss is not seen.
    /// Reports of packets that are not known, or were heard of before, say nothing.
    pub fn on_feedback(&mut self, now: Moment, reports: impl IntoIterator<Item = Report>) {
        self.delay.begin();
        let mut news = None;
        for report in reports {
            self.presume(report.number);
            let Some(arrived) = report.arrived else {
                self.sent.note_missing(report.number);
                continue;
            };
            if let Some(packet) = self.sent.acknowledge(report.number) {
                self.take(packet, arrived);
                if news.is_none_or(|news: Acknowledged| packet.sequence > news.sequence) {
                    news = Some(packet);
                }
            }
        }
        let Some(newest) = news else { return };
        if self
            .newest
            .is_none_or(|before| before.sequence < newest.sequence)
        {
            self.newest = Some(newest);
        }
        self.note_rtt(now.since(newest.departed));
        if let Some(before) = self.silence.on_heard(now, newest.departed) {
            self.come_back(now, before);
        }
        self.conclude(now);
    }

    /// When a feedback was lost, what it would have spoken of counts as arrived when it should have:
    /// or the lost report would look like a line that has become narrow.
    fn presume(&mut self, number: u16) {
        let (delay, arriving) = (&self.delay, &mut self.arriving);
        let from = self.evidence_from;
        self.sent.hear_of(number, |departed, size| {
            let expected = delay.expected(departed).filter(|_| departed >= from);
            if let Some(expected) = expected {
                arriving.add(expected, size);
            }
        });
    }

    fn take(&mut self, packet: Acknowledged, arrived: Moment) {
        let arrived = arrived.as_micros();
        self.arriving.add(arrived, packet.size);
        self.heard.add(arrived, packet.size);
        if packet.cluster != 0 {
            self.prober.on_arrived(&packet, arrived);
        }
        if packet.departed >= self.evidence_from {
            self.delay.add(&packet, arrived);
        }
    }

    fn note_rtt(&mut self, sample: Duration) {
        self.rtt = Some(self.rtt.map_or(sample, |rtt| (rtt * 7 + sample) / 8));
    }

    /// All that follows from what is known now.
    fn conclude(&mut self, now: Moment) {
        let rtt = self.rtt.unwrap_or_default();
        let acked = self.arriving.steady();
        let usage = self.delay.end(now);
        self.broke_down &= self.delay.queue() >= LONG_QUEUE;
        if self.delay.queue() < SHORT_QUEUE {
            self.clear_at = now;
        }
        if usage == Usage::Over {
            self.plan.note_fall(now, self.target);
        }
        self.rate.update(
            now,
            &Evidence {
                usage,
                acked,
                collapsed: self.arriving.collapsed(),
                heard: self.heard.steady(),
                clear: self.delay.queue() < SHORT_QUEUE,
                rtt,
                loss: self.loss.recent(),
            },
        );
        let fates = self.settle();
        self.loss.update(
            now,
            fates,
            &Surroundings {
                acked,
                congested: !self.delay.clear_for(now, CLEAR),
                rtt,
                by_delay: self.rate.estimate(),
            },
        );
        let mut found = self.probe_result();
        if let Some(found) = &mut found {
            self.learn_from_probe(now, found);
        }
        self.retarget(now, found);
        self.plan_probe(now);
    }

    /// Packets that left well before the newest that arrived have arrived, or never will.
    fn settle(&mut self) -> Fates {
        let newest = self.newest.map_or(0, |newest| newest.departed.as_micros());
        let until = newest.saturating_sub(REORDERING.as_micros() as u64);
        self.sent
            .settle(self.evidence_from, Moment::from_micros(until))
    }

    fn probe_result(&mut self) -> Option<Found> {
        let newest = self.newest?.sequence;
        let clear = self.delay.queue() < SHORT_QUEUE;
        let always_lost = if clear {
            self.loss.recent()
        } else {
            self.loss.inherent()
        };
        self.prober.result(newest, always_lost)
    }

    fn learn_from_probe(&mut self, now: Moment, found: &mut Found) {
        if self.delay.unrest() > BLURRED {
            found.takes = found.takes.min(self.target * CAUTIOUS);
        }
        let faster = self.rate.proven(now, found.takes, found.limited);
        let freer = self.loss.proven(now, found.takes);
        if (faster || freer)
            && self.prober.is_idle()
            && let Some(rate) = self.plan.further(now, found, self.most_to_try())
        {
            self.prober.plan(rate, None);
        }
    }

    fn plan_probe(&mut self, now: Moment) {
        self.prober.set_unrest(self.delay.unrest());
        let clear = self.delay.clear_for(now, CLEAR) && self.delay.queue() < SHORT_QUEUE;
        let quiet = clear && !self.loss.is_trying() && !self.silence.is_on();
        if quiet
            && self.prober.is_idle()
            && let Some(rate) = self.plan.due(now, self.target, self.most_to_try())
        {
            self.prober.plan(rate, None);
        }
    }

    /// When the line is to be probed because nothing is sent over it: then nothing is heard of it either, from which a
    /// probe would follow, and whatever stopped because it was narrow would stop for good.
    fn asked_from(&self) -> Option<Moment> {
        let more = self.most_to_try() > self.target * PROBE_MARGIN;
        more.then(|| self.silence.last_sent().max(self.asked_at).plus(INTERVAL))
    }

    /// What waited on the way has arrived long ago, or never will.
    fn ask(&mut self, now: Moment) {
        self.asked_at = now;
        self.prober.give_up(now);
        if self.prober.is_idle() {
            let rate = self.plan.idle(now, self.target, self.most_to_try());
            self.prober.plan(rate, None);
        }
    }

    fn most_to_try(&self) -> f64 {
        (self.wanted * PROBE_MARGIN).min(self.settings.max.as_f64())
    }

    /// When the next step into silence is due.
    fn silent_from(&self) -> Option<Moment> {
        self.silence.due(self.rtt.unwrap_or_default())
    }

    /// The line is back: what was lost in the silence is no evidence, and what it took before is probed.
    fn come_back(&mut self, now: Moment, before: f64) {
        self.evidence_from = now;
        self.delay.restart();
        self.loss.restart(now);
        self.rate.forget_capacity();
        self.plan.note_probe(now);
        let before = before.min(self.most_to_try());
        self.prober.plan(before / 2.0, Some(before));
    }

    fn retarget(&mut self, now: Moment, found: Option<Found>) {
        let seconds = now.since(self.target_at).min(GROWTH_PAUSE).as_secs_f64();
        let grown = self.target * GROWTH_A_SECOND.powf(seconds);
        let proven = found.map_or(0.0, |found| found.takes);
        let (least, most) = (
            self.settings.min.as_f64(),
            self.settings.max.max(self.settings.min).as_f64(),
        );
        let estimate = self.rate.estimate().clamp(least, most);
        self.rate.hold_within(estimate);
        let by_loss = self.loss.limit().unwrap_or(f64::MAX);
        self.target = (estimate * self.drained(now))
            .min(by_loss)
            .min(grown.max(proven))
            .clamp(least, most);
        self.target_at = now;
    }

    /// What is left of the target while a queue that grew is emptied: all of it in about a second.
    fn drained(&self, now: Moment) -> f64 {
        let recent = self
            .rate
            .decreased()
            .is_some_and(|decreased| now.since(decreased) < DRAIN);
        if !recent {
            return 1.0;
        }
        (1.0 - self.delay.queue().as_secs_f64()).clamp(0.4, 1.0)
    }
}
