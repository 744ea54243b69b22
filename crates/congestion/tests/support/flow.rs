//! One sender and its receiver.

use std::collections::{BTreeMap, VecDeque};

use super::path::Path;
use super::simulcast::Simulcast;
use super::{Chance, MILLI, SECOND, moment};
use vestibule_congestion::{Bitrate, Kind, Line, Pacer, Report, Settings, Verdict};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    pub(crate) number: u16,
    pub(crate) size: u16,
}

/// What was seen at one moment, ten times a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) target_kbps: f64,
    pub(crate) arrived_kbps: f64,
    pub(crate) queue_ms: f64,
    pub(crate) loss: f64,
    pub(crate) inherent: f64,
}

const FRAME: u64 = SECOND / 30;
const AUDIO: u64 = 20 * MILLI;
const AUDIO_SIZE: u16 = 100;
const VIDEO_SIZE: u64 = 1100;

pub(crate) struct Flow {
    pub(crate) line: Line,
    pub(crate) receiver: Receiver,
    pacer: Pacer<u16, 256>,
    /// Packets for which the pacer had no place.
    pub(crate) refused: u32,
    /// Moments at which the pacer said that too much waits.
    pub(crate) too_long: u32,
    /// Its video is not an encoder's that follows the target, but layers to choose from.
    pub(crate) simulcast: Option<Simulcast>,
    chance: Chance,
    wanted_kbps: f64,
    next_frame: u64,
    next_audio: u64,
    /// Feedback on its way back: when it arrives.
    back: VecDeque<(u64, Vec<Report>)>,
    pub(crate) samples: Vec<Sample>,
    next_sample: u64,
}

impl Flow {
    pub(crate) fn new(now: u64, seed: u64, settings: Settings, wanted_kbps: u64) -> Self {
        let mut line = Line::new(moment(now), settings);
        line.set_wanted(Bitrate::kbps(wanted_kbps));
        Self {
            line,
            receiver: Receiver::new(now),
            pacer: Pacer::new(settings.start),
            refused: 0,
            too_long: 0,
            simulcast: None,
            chance: Chance(seed),
            wanted_kbps: wanted_kbps as f64,
            next_frame: now,
            next_audio: now,
            back: VecDeque::new(),
            samples: Vec::new(),
            next_sample: now,
        }
    }

    pub(crate) fn target_kbps(&self) -> f64 {
        self.line.target().as_f64() / 1000.0
    }

    pub(crate) fn last(&self, seconds: f64) -> &[Sample] {
        let count = (seconds * 10.0) as usize;
        &self.samples[self.samples.len().saturating_sub(count)..]
    }

    /// Sends no media until then.
    pub(crate) fn mute(&mut self, until: u64) {
        self.next_frame = until;
        self.next_audio = until;
    }

    /// All that leaves at this wake-up.
    pub(crate) fn send(&mut self, now: u64, mut out: impl FnMut(Packet)) {
        let due = self.line.next_timeout();
        if due.is_some_and(|due| due <= moment(now)) {
            self.line.handle_timeout(moment(now));
        }
        if now >= self.next_audio {
            self.next_audio += AUDIO;
            self.pacer.on_sent_beside(moment(now), AUDIO_SIZE);
            self.leave(now, AUDIO_SIZE, &mut out);
        }
        if now >= self.next_frame {
            self.next_frame += FRAME;
            self.send_frame(now, &mut out);
        }
        while let Some(size) = self.pacer.poll(moment(now)) {
            self.leave(now, size, &mut out);
        }
        self.too_long += u32::from(self.pacer.is_too_long(moment(now)));
        while let Some(padding) = self.line.want_padding(moment(now)) {
            let size = padding.bytes.min(1200) as u16;
            self.pacer.on_sent_beside(moment(now), size);
            self.leave(now, size, &mut out);
        }
    }

    /// A frame as an encoder makes it that follows the target: no two of the same size.
    fn send_frame(&mut self, now: u64, out: &mut impl FnMut(Packet)) {
        let audio_kbps = f64::from(AUDIO_SIZE) * 8.0 / 20.0;
        let follows = (self.target_kbps().min(self.wanted_kbps) * 0.95 - audio_kbps).max(0.0);
        let kbps = self.simulcast.as_ref().map_or(follows, Simulcast::kbps);
        let mean = kbps * 1000.0 / 8.0 / 30.0;
        self.pacer
            .set_target(self.line.target(), Bitrate::from_f64(kbps * 1000.0));
        let mut bytes = (mean * self.chance.between(0.75, 1.25)) as u64;
        while bytes > 0 {
            let size = bytes.min(VIDEO_SIZE);
            bytes -= size;
            self.submit(now, (size + 40) as u16, out);
        }
    }

    fn submit(&mut self, now: u64, size: u16, out: &mut impl FnMut(Packet)) {
        match self.pacer.submit(moment(now), Kind::Video, size, size) {
            Verdict::Now(size) => self.leave(now, size, out),
            Verdict::Waits => {}
            Verdict::Full(_) => self.refused += 1,
        }
    }

    fn leave(&mut self, now: u64, size: u16, out: &mut impl FnMut(Packet)) {
        let number = self.line.on_sent(moment(now), size);
        out(Packet { number, size });
    }

    /// Sends the receiver's feedback back when it is time, and hears what has come back.
    pub(crate) fn feedback(&mut self, now: u64, path: &Path, chance: &mut Chance) {
        if let Some(reports) = self.receiver.report(now, chance)
            && !path.dark
            && !chance.happens(path.feedback_loss)
        {
            self.back.push_back((now + path.delay, reports));
        }
        while self.back.front().is_some_and(|(at, _)| *at <= now) {
            let (_, reports) = self.back.pop_front().unwrap();
            self.line.on_feedback(moment(now), reports);
            if let Some(simulcast) = &mut self.simulcast {
                simulcast.choose(moment(now), self.line.target());
            }
        }
    }

    pub(crate) fn sample(&mut self, now: u64, queue_micros: u64) {
        if now < self.next_sample {
            return;
        }
        self.next_sample += SECOND / 10;
        self.samples.push(Sample {
            target_kbps: self.target_kbps(),
            arrived_kbps: std::mem::take(&mut self.receiver.bytes) as f64 * 8.0 / 100.0,
            queue_ms: queue_micros as f64 / 1000.0,
            loss: self.line.loss(),
            inherent: self.line.inherent_loss(),
        });
    }
}

/// Reports every 50 to 100 ms what arrived, as browsers do: from the oldest news to the newest number.
pub(crate) struct Receiver {
    arrived: BTreeMap<u64, u64>,
    newest: u64,
    next_base: u64,
    next_report: u64,
    pub(crate) bytes: u64,
}

impl Receiver {
    fn new(now: u64) -> Self {
        Self {
            arrived: BTreeMap::new(),
            newest: 0,
            next_base: 0,
            next_report: now,
            bytes: 0,
        }
    }

    pub(crate) fn arrived(&mut self, packet: Packet, at: u64) {
        self.bytes += u64::from(packet.size);
        let near = self.newest as u16;
        let ahead = i64::from(packet.number.wrapping_sub(near).cast_signed());
        let number = (self.newest as i64 + ahead).max(0) as u64;
        self.newest = self.newest.max(number);
        self.next_base = self.next_base.min(number);
        // The clock of a receiver is another one, and reports have steps of 250 µs.
        self.arrived
            .insert(number, (at + 12_345_678_901) / 250 * 250);
        while self.arrived.len() > 2000 {
            self.arrived.pop_first();
        }
    }

    fn report(&mut self, now: u64, chance: &mut Chance) -> Option<Vec<Report>> {
        if now < self.next_report {
            return None;
        }
        self.next_report = now + chance.between(50_000.0, 100_000.0) as u64;
        self.arrived.range(self.next_base..).next()?;
        let reports = (self.next_base..=self.newest)
            .map(|number| Report {
                number: number as u16,
                arrived: self.arrived.get(&number).map(|at| moment(*at)),
            })
            .collect();
        self.next_base = self.newest + 1;
        Some(reports)
    }
}
