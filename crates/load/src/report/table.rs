//! A report as a table for people.

use std::fmt::{self, Display, Formatter};

use super::Report;
use crate::drops::Drops;

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
