//! What is told of a run: as JSON, and as a table for people.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::histogram::Histogram;
use crate::limits::{BUSY, LATE, NOISE, STEAL};
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
    /// What became of the packets that were sent in the measured part.
    pub packets: Packets,
    /// From the moment before a packet was sent to the moment that the kernel had it for the receiver.
    pub latency: Quantiles,
    /// The same without a server between, one packet at a time: the machine's own part.
    pub loopback: Quantiles,
    /// From the beginning of joining to a person's first packet.
    pub first_packet: Quantiles,
    /// What it cost the server.
    pub server_cost: ServerCost,
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
    /// That came once more.
    pub repeated: u64,
    /// That clients could not open or understand, in the whole run.
    pub strange: u64,
    /// That clients asked for again, in the whole run.
    pub asked: u64,
    /// That the server asked for again, in the whole run.
    pub answered: u64,
}

/// Of many lengths, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
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
    /// Datagrams that the kernel dropped on the clients' sockets.
    pub dropped: u64,
    /// Of the cores of both sides, the share that other processes took.
    pub others_share: f64,
    /// And the share that the hypervisor took.
    pub steal_share: f64,
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        let millis = |nanos: u64| nanos as f64 / 1e6;
        Self {
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
            packets: Packets::of(measured),
            latency: Quantiles::of(&measured.tally.latency),
            loopback: Quantiles::of(&measured.loopback.latency),
            first_packet: Quantiles::of(&measured.tally.first_packet),
            server_cost: ServerCost::of(measured, seconds),
            load: LoadCost::of(measured, seconds),
            remarks: Vec::new(),
        };
        report.remarks = report.doubts(measured);
        report
    }

    /// Whether the load tool or the machine, and not the server, may have made the figures.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        !self.load.limits().is_empty() || self.load.is_noisy()
    }

    fn doubts(&self, measured: &Measured) -> Vec<String> {
        let mut doubts = Vec::new();
        let load = &self.load;
        let (heard, streams) = (measured.course.heard, measured.plan.streams());
        if heard < streams {
            doubts.push(format!(
                "{} of {streams} streams were not heard before the measured part",
                streams - heard
            ));
        }
        if measured.tally.ended > 0 {
            doubts.push(format!("{} connections ended", measured.tally.ended));
        }
        doubts.extend(load.limits());
        if load.is_noisy() {
            doubts.push(format!(
                "the machine was noisy: others took {:.1} % of the cores, the hypervisor {:.1} %",
                load.others_share * 100.0,
                load.steal_share * 100.0
            ));
        }
        doubts
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

impl ServerCost {
    fn of(measured: &Measured, seconds: f64) -> Self {
        let time = measured.server_time as f64;
        Self {
            cpu_us_per_packet: time / 1e3 / measured.tally.delivered.max(1) as f64,
            floor_us_per_packet: measured.loopback.cost as f64 / 1e3,
            cpu_share: time / 1e9 / seconds,
            memory_kib_per_room: measured.grown as f64 / f64::from(measured.plan.rooms),
            dropped: measured.dropped.1,
        }
    }
}

impl LoadCost {
    fn of(measured: &Measured, seconds: f64) -> Self {
        let whole = seconds * measured.core_count as f64;
        let known = (measured.server_time + measured.own_time) as f64 / 1e9;
        let packets = (measured.tally.sent + measured.tally.delivered) as f64;
        Self {
            cpu_share: measured.own_time as f64 / 1e9 / seconds,
            packets_per_second: packets / seconds,
            lateness: Quantiles::of(&measured.tally.lateness),
            skipped: measured.tally.skipped,
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

impl Display for Quantiles {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            self.p50_ms, self.p99_ms, self.max_ms
        )
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (packets, cost, load) = (&self.packets, &self.server_cost, &self.load);
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
            (
                "packets",
                format!(
                    "{} sent, {} of {} delivered ({:.4} %)",
                    packets.sent,
                    packets.delivered,
                    packets.expected,
                    packets.ratio * 100.0
                ),
            ),
            (
                "again",
                format!(
                    "{} repaired, {} repeated; {} asked for by clients, {} by the server",
                    packets.repaired, packets.repeated, packets.asked, packets.answered
                ),
            ),
            ("send to receive", self.latency.to_string()),
            ("  machine alone", self.loopback.to_string()),
            ("join to packet", self.first_packet.to_string()),
            (
                "server",
                format!(
                    "{:.2} us a packet (the machine alone {:.2}), {:.0} % of a core, {:.0} KiB a room, {} dropped in the kernel",
                    cost.cpu_us_per_packet,
                    cost.floor_us_per_packet,
                    cost.cpu_share * 100.0,
                    cost.memory_kib_per_room,
                    cost.dropped
                ),
            ),
            (
                "load tool",
                format!(
                    "{:.0} packets/s, {:.0} % of a core, late by {}",
                    load.packets_per_second,
                    load.cpu_share * 100.0,
                    load.lateness
                ),
            ),
        ];
        for (name, value) in rows {
            writeln!(formatter, "  {name:<16} {value}")?;
        }
        for remark in &self.remarks {
            writeln!(formatter, "  ! {remark}")?;
        }
        Ok(())
    }
}
