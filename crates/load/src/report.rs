//! What is told of a run: as JSON, and as a table for people.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::drops::Drops;
use crate::histogram::Histogram;
use crate::limits::{BUSY, LATE, NOISE, RECEIVE_BUFFER, STEAL};
use crate::run::Measured;

/// What is told of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was put under load.
    pub server: &'static str,
    /// Rooms, and people in each.
    pub rooms: u32,
    /// People in each room.
    pub people: u32,
    /// The length of the measured part in seconds.
    pub seconds: f64,
    /// The cores of both sides.
    pub cores: String,
    /// Bursts left as one buffer.
    pub gso: bool,
    /// Transport-wide feedback and reports were sent.
    pub feedback: bool,
    /// Lost packets were asked for again.
    pub nack: bool,
    /// Why it was not measured to the end: the server was gone before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_off: Option<String>,
    /// What became of the packets that were sent in the measured part.
    pub packets: Packets,
    /// Streams that were not heard before the measured part: nothing of theirs is among the packets.
    pub unheard: u64,
    /// Connections that ended while it was measured.
    pub ended: u64,
    /// From the moment before a packet was sent to the moment that the kernel had it for the receiver.
    pub latency: Quantiles,
    /// The same without a server between, one packet at a time: the machine's own part.
    pub loopback: Quantiles,
    /// From the beginning of joining to a person's first packet.
    pub first_packet: Quantiles,
    /// From admission to a person's first packet, where people are admitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission: Option<Quantiles>,
    /// What it cost the server.
    pub server_cost: ServerCost,
    /// What it dropped itself from the beginning of the measured part to its end, by reason. `None` when that is not known,
    /// as of Janus.
    pub dropped: Option<Drops>,
    /// What it cost the process that people wait at, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signaling_cost: Option<SignalingCost>,
    /// How the load tool and the machine did.
    pub load: LoadCost,
    /// What is wrong with the figures, in sentences.
    pub remarks: Vec<String>,
}

/// What became of the packets that were sent in the measured part.
#[derive(Clone, Debug, Serialize)]
pub struct Packets {
    /// Sent to the server.
    pub sent: u64,
    /// To be delivered: each to all others of its room.
    pub expected: u64,
    /// Delivered, each counted once.
    pub delivered: u64,
    /// Delivered of expected.
    pub ratio: f64,
    /// Of the delivered, those that came as a retransmission.
    pub repaired: u64,
    /// That came once more, in the whole run.
    pub repeated: u64,
    /// That clients could not open or understand, in the whole run.
    pub strange: u64,
    /// That clients asked for again, in the whole run.
    pub asked: u64,
    /// That clients sent again as the server asked, in the whole run.
    pub answered: u64,
}

/// Of many lengths, in milliseconds; not numbers, `null` in JSON, where there is none.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// How many lengths.
    pub count: u64,
    /// Half are not longer.
    pub p50_ms: f64,
    /// 99 of 100 are not longer.
    pub p99_ms: f64,
    /// None is longer.
    pub max_ms: f64,
}

/// What it cost the server.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ServerCost {
    /// Processor time for each delivered packet, in microseconds.
    pub cpu_us_per_packet: f64,
    /// What the machine itself takes to send and receive one packet, measured before the run, in microseconds. It is
    /// several times what it could be where others use the same machine, and so is the figure above.
    pub floor_us_per_packet: f64,
    /// Processor time of each second.
    pub cpu_share: f64,
    /// What its memory grew by, for each room, in KiB.
    pub memory_kib_per_room: f64,
    /// Datagrams that the kernel dropped on its sockets.
    pub dropped: u64,
}

/// What it cost the process that people wait at.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SignalingCost {
    /// Processor time for each room until everybody is in consultation, in milliseconds.
    pub cpu_ms_per_room: f64,
    /// Processor time of each second while everybody is in consultation.
    pub cpu_share: f64,
    /// What its memory grew by, for each room, in KiB.
    pub memory_kib_per_room: f64,
}

/// How the load tool and the machine did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LoadCost {
    /// Of the core that drives the clients, the share that it took.
    pub cpu_share: f64,
    /// Packets sent and received in a second.
    pub packets_per_second: f64,
    /// How late packets left against their schedule.
    pub lateness: Quantiles,
    /// Packets of sound and bursts of pictures that were left out, as the load tool was stalled.
    pub skipped: u64,
    /// Packets that the kernel did not take from the load tool; they are not among those that were sent.
    pub refused: u64,
    /// Datagrams that the kernel dropped on the clients' sockets.
    pub dropped: u64,
    /// Of the cores of both sides, the share that other processes took.
    pub others_share: f64,
    /// And the share that the hypervisor took.
    pub steal_share: f64,
}

/// A figure in words, of which there may be none.
pub(crate) fn figure(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "none".to_owned();
    }
    format!("{value:.decimals$}")
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        let count = histogram.count();
        let millis = |nanos: u64| match count {
            0 => f64::NAN,
            _ => nanos as f64 / 1e6,
        };
        Self {
            count,
            p50_ms: millis(histogram.quantile(0.5)),
            p99_ms: millis(histogram.quantile(0.99)),
            max_ms: millis(histogram.highest()),
        }
    }
}

impl Report {
    pub(crate) fn of(measured: &Measured) -> Self {
        let plan = &measured.plan;
        let seconds = measured.length.as_secs_f64();
        let mut report = Self {
            server: measured.server,
            rooms: plan.rooms,
            people: plan.people,
            seconds,
            cores: plan.cores.to_string(),
            gso: plan.traffic.segmented,
            feedback: plan.traffic.feedback,
            nack: plan.traffic.nack,
            broken_off: measured.broken_off.clone(),
            packets: Packets::of(measured),
            unheard: plan.streams().saturating_sub(measured.course.heard) as u64,
            ended: measured.tally.ended,
            latency: Quantiles::of(&measured.tally.latency),
            loopback: Quantiles::of(&measured.loopback.latency),
            first_packet: Quantiles::of(&measured.tally.first_packet),
            admission: measured
                .signaling
                .map(|_| Quantiles::of(&measured.tally.admission)),
            server_cost: ServerCost::of(measured, seconds),
            dropped: measured.drops.clone().unwrap_or_default(),
            signaling_cost: SignalingCost::of(measured, seconds),
            load: LoadCost::of(measured, seconds),
            remarks: Vec::new(),
        };
        report.remarks = report.doubts(measured);
        report
    }

    /// Whether the server was there and everybody heard everybody else to the end, at most this part of the packets was lost, and the slowest
    /// hundredth took less than so many milliseconds.
    #[must_use]
    pub fn went_well(&self, loss: f64, p99_ms: f64) -> bool {
        let complete = self.broken_off.is_none() && self.unheard == 0 && self.ended == 0;
        complete && self.packets.are_delivered(loss) && self.latency.p99_ms < p99_ms
    }

    /// Whether the load tool or the machine, and not the server, may have made the figures.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        !self.excuses().is_empty()
    }

    /// Whether its figures can be held against those of another server.
    #[must_use]
    pub(crate) fn is_comparable(&self) -> bool {
        let whole = self.broken_off.is_none() && self.unheard == 0 && self.ended == 0;
        whole && self.packets.strange == 0 && !self.is_doubtful()
    }

    /// By what the load tool or the machine, and not the server, may have made the figures.
    pub(crate) fn excuses(&self) -> Vec<String> {
        let load = &self.load;
        let noisy = load.is_noisy().then(|| {
            format!(
                "the machine was noisy: others took {:.1} % of the cores, the hypervisor {:.1} %",
                load.others_share * 100.0,
                load.steal_share * 100.0
            )
        });
        load.limits().into_iter().chain(noisy).collect()
    }

    fn doubts(&self, measured: &Measured) -> Vec<String> {
        let mut doubts = Vec::new();
        doubts.extend(self.end());
        if self.unheard > 0 {
            doubts.push(format!(
                "{} of {} streams were not heard before the measured part",
                self.unheard,
                measured.plan.streams()
            ));
        }
        if self.ended > 0 {
            doubts.push(format!("{} connections ended", self.ended));
        }
        if self.packets.strange > 0 {
            doubts.push(format!(
                "clients could not open or understand {} packets: what they lack may have come",
                self.packets.strange
            ));
        }
        doubts.extend(self.overflow());
        let unknown = measured.drops.as_ref().err();
        doubts.extend(unknown.map(|why| format!("what the server dropped is not known: {why}")));
        doubts.extend(self.excuses());
        doubts
    }

    /// How the server came to be gone, if it is.
    pub(crate) fn end(&self) -> Option<String> {
        let why = self.broken_off.as_ref();
        why.map(|why| format!("the server was gone after {:.1} s: {why}", self.seconds))
    }

    /// What the kernel dropped on the server's sockets.
    fn overflow(&self) -> Option<String> {
        let dropped = self.server_cost.dropped;
        (dropped > 0).then(|| {
            format!(
                "the kernel dropped {dropped} datagrams on the server's sockets: without root it keeps no more than \
                 net.core.rmem_max, and {RECEIVE_BUFFER} is asked for"
            )
        })
    }
}

impl Packets {
    fn of(measured: &Measured) -> Self {
        let tally = &measured.tally;
        let others = measured.plan.people.saturating_sub(1);
        let expected = tally.sent * u64::from(others);
        Self {
            sent: tally.sent,
            expected,
            delivered: tally.delivered,
            ratio: tally.delivered as f64 / expected.max(1) as f64,
            repaired: tally.repaired,
            repeated: tally.repeated,
            strange: tally.strange,
            asked: tally.asked,
            answered: tally.answered,
        }
    }
}

impl Packets {
    /// Whether there were any, and at most this part of them was lost. It is counted: the ratio is not exact.
    fn are_delivered(&self, loss: f64) -> bool {
        let lost = self.expected.saturating_sub(self.delivered);
        self.expected > 0 && lost as f64 <= loss * self.expected as f64
    }

    /// What was sent more than once, in words.
    fn again(&self) -> String {
        format!(
            "{} repaired, {} repeated; {} asked for by clients, {} sent again for the server",
            self.repaired, self.repeated, self.asked, self.answered
        )
    }
}

impl ServerCost {
    fn of(measured: &Measured, seconds: f64) -> Self {
        let time = measured.forwarding.time as f64;
        Self {
            cpu_us_per_packet: time / 1e3 / measured.tally.delivered.max(1) as f64,
            floor_us_per_packet: measured.loopback.cost as f64 / 1e3,
            cpu_share: time / 1e9 / seconds,
            memory_kib_per_room: measured.forwarding.grown as f64 / f64::from(measured.plan.rooms),
            dropped: measured.dropped.1,
        }
    }
}

impl SignalingCost {
    fn of(measured: &Measured, seconds: f64) -> Option<Self> {
        let rooms = f64::from(measured.plan.rooms);
        measured.signaling.map(|used| Self {
            cpu_ms_per_room: used.joining as f64 / 1e6 / rooms,
            cpu_share: used.time as f64 / 1e9 / seconds,
            memory_kib_per_room: used.grown as f64 / rooms,
        })
    }
}

impl LoadCost {
    fn of(measured: &Measured, seconds: f64) -> Self {
        let whole = seconds * measured.core_count as f64;
        let signaling = measured.signaling.map_or(0, |used| used.time);
        let known = (measured.forwarding.time + signaling + measured.own_time) as f64 / 1e9;
        let packets = (measured.tally.sent + measured.tally.delivered) as f64;
        Self {
            cpu_share: measured.own_time as f64 / 1e9 / seconds,
            packets_per_second: packets / seconds,
            lateness: Quantiles::of(&measured.tally.lateness),
            skipped: measured.tally.skipped,
            refused: measured.tally.refused,
            dropped: measured.dropped.0,
            others_share: ((measured.cores.busy - known) / whole).max(0.0),
            steal_share: measured.cores.steal / whole,
        }
    }

    /// In what the load tool was itself the limit.
    fn limits(&self) -> Vec<String> {
        let late = self.lateness.p99_ms > LATE.as_secs_f64() * 1e3;
        let limits = [
            (self.cpu_share > BUSY).then(|| {
                let share = self.cpu_share * 100.0;
                format!("it took {share:.0} % of its core")
            }),
            late.then(|| format!("it sent {:.1} ms late (p99)", self.lateness.p99_ms)),
            (self.skipped > 0).then(|| format!("it left out {} bursts", self.skipped)),
            (self.refused > 0).then(|| format!("the kernel did not take {} packets", self.refused)),
            (self.dropped > 0).then(|| format!("its sockets lost {} datagrams", self.dropped)),
        ];
        let limits = limits.into_iter().flatten();
        limits
            .map(|limit| format!("the load tool was itself the limit: {limit}"))
            .collect()
    }

    fn is_noisy(&self) -> bool {
        self.others_share > NOISE || self.steal_share > STEAL
    }
}

impl Quantiles {
    /// In words, with how many there were.
    fn counted(&self) -> String {
        match self.count {
            0 => self.to_string(),
            count => format!("{self}, of {count}"),
        }
    }
}

impl Display for Quantiles {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return formatter.write_str("none");
        }
        write!(
            formatter,
            "p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            self.p50_ms, self.p99_ms, self.max_ms
        )
    }
}

impl Display for Packets {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} sent, {} of {} delivered ({:.4} %)",
            self.sent,
            self.delivered,
            self.expected,
            self.ratio * 100.0
        )
    }
}

impl Display for ServerCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.2} us a packet (the machine alone {:.2}), {:.0} % of a core, {:.0} KiB a room, {} dropped in the kernel",
            self.cpu_us_per_packet,
            self.floor_us_per_packet,
            self.cpu_share * 100.0,
            self.memory_kib_per_room,
            self.dropped
        )
    }
}

impl Display for SignalingCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.1} ms a room that comes, then {:.1} % of a core, {:.0} KiB a room",
            self.cpu_ms_per_room,
            self.cpu_share * 100.0,
            self.memory_kib_per_room
        )
    }
}

impl Display for LoadCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.0} packets/s, {:.0} % of a core, late by {}",
            self.packets_per_second,
            self.cpu_share * 100.0,
            self.lateness
        )
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let packets = &self.packets;
        writeln!(
            formatter,
            "{}: {} rooms of {}, {:.1} s, cores: {}{}{}{}",
            self.server,
            self.rooms,
            self.people,
            self.seconds,
            self.cores,
            if self.gso {
                ", bursts in one buffer"
            } else {
                ""
            },
            if self.feedback { "" } else { ", no feedback" },
            if self.nack { "" } else { ", no NACK" },
        )?;
        let rows = [
            ("packets", Some(packets.to_string())),
            ("again", Some(packets.again())),
            ("send to receive", Some(self.latency.to_string())),
            ("  machine alone", Some(self.loopback.to_string())),
            ("join to packet", Some(self.first_packet.counted())),
            ("admit to packet", self.admission.map(|it| it.counted())),
            ("server", Some(self.server_cost.to_string())),
            ("dropped", self.dropped.as_ref().and_then(Drops::told)),
            ("signaling", self.signaling_cost.map(|it| it.to_string())),
            ("load tool", Some(self.load.to_string())),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                writeln!(formatter, "  {name:<16} {value}")?;
            }
        }
        for remark in &self.remarks {
            writeln!(formatter, "  ! {remark}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Report;
    use crate::drops::Drops;
    use crate::run::{Measured, Told, Used};

    /// Whether a run went well by the strictest rules, in which one thing was as the test has it.
    fn went_well(change: impl FnOnce(&mut Measured)) -> bool {
        judged(0.0, 5.0, change)
    }

    fn judged(loss: f64, p99_ms: f64, change: impl FnOnce(&mut Measured)) -> bool {
        let mut measured = Measured::flawless();
        change(&mut measured);
        Report::of(&measured).went_well(loss, p99_ms)
    }

    #[test]
    fn a_run_without_a_flaw_went_well_and_nothing_is_remarked() {
        assert!(went_well(|_| {}));
        let report = Report::of(&Measured::flawless());
        assert_eq!(report.remarks, Vec::<String>::new());
    }

    #[test]
    fn one_packet_that_was_not_delivered_is_too_much_unless_it_was_allowed() {
        let missing = |packets| move |it: &mut Measured| it.tally.delivered -= packets;
        assert!(!went_well(missing(1)));
        assert!(judged(0.01, 5.0, missing(1)));
        assert!(judged(0.01, 5.0, missing(2)));
        assert!(!judged(0.01, 5.0, missing(3)));
    }

    #[test]
    fn a_run_in_which_nothing_was_sent_did_not_go_well() {
        assert!(!judged(1.0, 5.0, |it| it.tally = Default::default()));
    }

    #[test]
    fn one_stream_that_nobody_heard_is_too_much_whatever_may_be_lost() {
        // What nobody heard is not among the packets, and no loss.
        assert!(!judged(1.0, 5.0, |it| it.course.heard -= 1));
    }

    #[test]
    fn one_connection_that_ended_is_too_much_whatever_may_be_lost() {
        assert!(!judged(1.0, 5.0, |it| it.tally.ended = 1));
    }

    #[test]
    fn a_server_that_was_gone_before_the_end_is_too_much_whatever_may_be_lost() {
        let gone = |it: &mut Measured| it.broken_off = Some("it fell over".to_owned());
        assert!(!judged(1.0, 5.0, gone));
    }

    #[test]
    fn the_slowest_hundredth_is_faster_than_what_was_asked_for() {
        let slow = |packets| {
            move |it: &mut Measured| (0..packets).for_each(|_| it.tally.latency.note(5_000_000))
        };
        // Of 200 packets and two.
        assert!(went_well(slow(2)));
        assert!(!went_well(slow(3)));
        assert!(judged(0.0, 5.01, slow(3)));
    }

    #[test]
    fn what_is_wrong_with_a_run_is_said_of_it() {
        let mut measured = Measured::flawless();
        measured.course.heard -= 3;
        measured.tally.ended = 2;
        measured.tally.strange = 4;
        measured.dropped.1 = 7;
        let remarks = Report::of(&measured).remarks;
        let expected = [
            "3 of 24 streams were not heard before the measured part",
            "2 connections ended",
            "clients could not open or understand 4 packets: what they lack may have come",
            "the kernel dropped 7 datagrams on the server's sockets: without root it keeps no more than \
             net.core.rmem_max, and 8388608 is asked for",
        ];
        assert_eq!(remarks, expected);
    }

    #[test]
    fn joining_and_admission_are_told_with_how_many_there_were_and_none_is_no_length() {
        let mut measured = Measured::flawless();
        measured.signaling = Some(Used::default());
        measured.tally.first_packet.note(2_000_000);
        let report = Report::of(&measured);
        let table = report.to_string();
        let rows = [
            "  join to packet   p50 2.00 ms, p99 2.00 ms, max 2.00 ms, of 1",
            "  admit to packet  none",
        ];
        for row in rows {
            assert!(table.lines().any(|line| line == row), "{table}");
        }
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json.pointer("/first_packet/count"), Some(&json!(1)));
        let none = json!({ "count": 0, "p50_ms": null, "p99_ms": null, "max_ms": null });
        assert_eq!(json.pointer("/admission"), Some(&none));
    }

    /// What the table and the JSON have of what the server dropped, where it told this.
    fn dropped(drops: Told) -> (Option<String>, Value) {
        let report = Report::of(&Measured {
            drops,
            ..Measured::flawless()
        });
        let table = report.to_string();
        let row = table.lines().find_map(|row| row.strip_prefix("  dropped "));
        let row = row.map(|row| row.trim().to_owned());
        let json = serde_json::to_value(&report).unwrap();
        (row, json.get("dropped").unwrap().clone())
    }

    #[test]
    fn what_the_server_dropped_has_a_row_when_there_is_any_and_is_always_in_the_json() {
        let line = "vestibule_sfu_dropped_total{worker=\"0\",direction=\"out\",reason=\"turn_too_late\"} 35\n";
        let (row, json) = dropped(Ok(Drops::read(line)));
        assert_eq!(row.as_deref(), Some("35 turn_too_late"));
        assert_eq!(json, json!({ "turn_too_late": 35 }));
        assert_eq!(dropped(Ok(Some(Drops::default()))), (None, json!({})));
        assert_eq!(dropped(Ok(None)), (None, Value::Null));
        assert_eq!(dropped(Err("why".to_owned())), (None, Value::Null));
    }

    #[test]
    fn a_server_that_does_not_say_what_it_dropped_although_it_counts_it_is_remarked() {
        let remarks = |drops| {
            let measured = Measured {
                drops,
                ..Measured::flawless()
            };
            Report::of(&measured).remarks.concat()
        };
        assert_eq!(remarks(Ok(None)), "");
        assert_eq!(
            remarks(Err("why".to_owned())),
            "what the server dropped is not known: why"
        );
    }

    /// What is remarked of a run with this one flaw, which makes its figures doubtful.
    fn doubt(change: impl FnOnce(&mut Measured)) -> String {
        let mut measured = Measured::flawless();
        change(&mut measured);
        let report = Report::of(&measured);
        assert!(report.is_doubtful());
        report.remarks.concat()
    }

    #[test]
    fn the_load_tool_says_when_it_was_itself_the_limit() {
        let says = |doubt: &str, what: &str| {
            let expected = format!("the load tool was itself the limit: {what}");
            assert_eq!(doubt, expected);
        };
        let busy = doubt(|it| it.own_time = 950_000_000);
        says(&busy, "it took 95 % of its core");
        let late = doubt(|it| (0..100).for_each(|_| it.tally.lateness.note(4_000_000)));
        assert!(
            late.contains("itself the limit: it sent ") && late.ends_with(" ms late (p99)"),
            "{late}"
        );
        says(&doubt(|it| it.tally.skipped = 3), "it left out 3 bursts");
        let refused = doubt(|it| it.tally.refused = 5);
        says(&refused, "the kernel did not take 5 packets");
        says(
            &doubt(|it| it.dropped.0 = 9),
            "its sockets lost 9 datagrams",
        );
    }

    #[test]
    fn it_says_when_the_machine_was_noisy() {
        let noisy = doubt(|it| it.cores.busy = 0.1);
        assert!(
            noisy.starts_with("the machine was noisy: others took 5.0 %"),
            "{noisy}"
        );
        let stolen = doubt(|it| it.cores.steal = 0.04);
        assert!(stolen.ends_with("the hypervisor 2.0 %"), "{stolen}");
    }
}
