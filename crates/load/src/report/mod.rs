//! What is told of a run: as JSON, and as a table for people.

mod load;
mod packets;
mod quantiles;
mod server;
mod table;

use serde::Serialize;

use crate::drops::Drops;
use crate::limits::RECEIVE_BUFFER;
use crate::run::Measured;

pub use load::LoadCost;
pub use packets::Packets;
pub use quantiles::Quantiles;
pub(crate) use quantiles::figure;
pub use server::{ServerCost, SignalingCost};

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

#[cfg(test)]
mod tests;
