//! The packets of a call: forwarded, sent again, held until their turn, and sent to probe a line.

use vestibule_forwarding::{Fate, Forwarded, Moment, Seat, Slot, Source};

use super::{Hosted, Outside};
use crate::counters::{Counter, Counters, Out};
use crate::limits::PROBES_PER_WAKE;
use crate::peer::{Leaves, Packet, Peer, Piece, Probe, Turned, Way};

/// How a packet goes that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    /// It waited for its turn.
    First,
    /// It was asked for again.
    Asked,
    /// It was asked for again, and waited for its turn.
    Again,
    /// It probes the line.
    Probe,
}

impl Hosted {
    pub(super) fn forward(
        &mut self,
        from: Seat,
        source: Source,
        packet: &Packet<'_>,
        out: &mut Outside<'_>,
    ) {
        out.counters.packet_in();
        let now = out.timeline.moment(out.now);
        self.call.heard(now, from);
        let (id, view, marker) = (self.id, packet.view(), packet.marker);
        out.tap.received(id, (from, source), &view, marker);
        let stations = &mut self.stations;
        if self.call.is_open()
            && let Some(station) = stations.get_mut(from.index())
            && let Some(ledger) = &mut station.ledger
        {
            ledger.kept.store(now, source, packet);
        }
        let fate = self
            .call
            .forward(now, from, source, &view, |forwarded: Forwarded| {
                let station = stations.get_mut(forwarded.seat.index());
                let Some(peer) = station.and_then(|station| station.peer.as_mut()) else {
                    out.stays(Leaves::NoConnection);
                    return false;
                };
                let leaves = peer.take(now, &forwarded, packet);
                if !matches!(leaves, Leaves::Now | Leaves::Later) {
                    out.stays(leaves);
                    return false;
                }
                out.tap.sent(id, &forwarded, &view, marker);
                if leaves == Leaves::Later {
                    return true;
                }
                let piece = Piece::first(packet, &forwarded);
                send_packet(peer.way(), out, |buffer| peer.write(now, &piece, buffer));
                true
            });
        count(fate, out.counters);
    }

    /// Sends a packet again that a client lacks, if it is still there and its turn is now.
    pub(super) fn send_again(
        &mut self,
        seat: Seat,
        slot: Slot,
        sequence: u64,
        out: &mut Outside<'_>,
    ) {
        out.counters.count(Counter::RetransmissionsAsked);
        // What was lost of pictures that stopped is of no use: they go on with a whole one.
        let paused = self.call.is_paused(seat, slot).then_some(Out::Paused);
        let behind = out.behind.then_some(Out::Behind);
        if let Some(why) = behind.or(paused) {
            out.counters.dropped(why);
            out.counters.count(Counter::RetransmissionsRefused);
            self.skip(seat, slot, out);
            return;
        }
        let leaves = self.send_kept(seat, slot, sequence, Going::Asked, out);
        let now = out.timeline.moment(out.now);
        if leaves == Leaves::NoConnection && self.is_gone(now, seat, slot, sequence) {
            self.call.beyond_repair(now, seat, slot, sequence);
        }
        if !matches!(leaves, Leaves::Now | Leaves::Later) {
            out.counters.count(Counter::RetransmissionsRefused);
        }
    }

    /// Has a client forget what it lacks of pictures that stopped.
    fn skip(&mut self, seat: Seat, slot: Slot, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        if let Some(skip) = self.call.skip(now, seat, slot)
            && let Some(peer) = self.peer(seat)
        {
            send_packet(peer.way(), out, |buffer| {
                peer.write_skip(now, slot, skip, buffer)
            });
        }
    }

    /// Sends what waited for its turn.
    pub(super) fn send_turns(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        while let Some(turned) = self.peer(seat).and_then(|peer| peer.turn(now)) {
            match turned {
                Turned::Packet(slot, sequence, again) => {
                    let going = if again { Going::Again } else { Going::First };
                    self.send_kept(seat, slot, sequence, going, out);
                }
                Turned::TooLate => out.counters.dropped(Out::TurnTooLate),
            }
        }
    }

    /// Sends what finds out how much more a client's line takes.
    pub(super) fn send_probes(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        if out.behind {
            // Or it would be due in each wake.
            self.peer(seat)
                .into_iter()
                .for_each(Peer::leave_off_probing);
            return;
        }
        for _ in 0..PROBES_PER_WAKE {
            match self.peer(seat).and_then(|peer| peer.probe(now)) {
                None => return,
                Some(Probe::Repeat(slot, sequence)) => {
                    if self.send_kept(seat, slot, sequence, Going::Probe, out) != Leaves::Now {
                        // It is kept no more. Something has to leave, or the probe would be due until it is given up.
                        self.send_padding(seat, slot, u64::MAX, out);
                    }
                }
                Some(Probe::Padding(slot, bytes)) => self.send_padding(seat, slot, bytes, out),
            }
        }
    }

    /// Sends so many bytes of padding, or as many as a packet can have.
    fn send_padding(&mut self, seat: Seat, slot: Slot, bytes: u64, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        if let Some(peer) = self.peer(seat) {
            send_packet(peer.way(), out, |buffer| {
                peer.write_padding(now, slot, bytes, buffer)
            });
        }
    }

    /// Has a packet written that went through a slot, if it is still kept, and sends it.
    fn send_kept(
        &mut self,
        seat: Seat,
        slot: Slot,
        sequence: u64,
        going: Going,
        out: &mut Outside<'_>,
    ) -> Leaves {
        let now = out.timeline.moment(out.now);
        let Some((piece, peer)) = self.find_kept(now, seat, slot, sequence) else {
            out.counters.dropped(Out::HistoryMissing);
            return Leaves::NoConnection;
        };
        if going == Going::Asked {
            let leaves = peer.take_again(now, &piece);
            if leaves != Leaves::Now {
                out.stays(leaves);
                return leaves;
            }
        }
        let written = send_packet(peer.way(), out, |buffer| match going {
            Going::First => peer.write(now, &piece, buffer),
            Going::Asked | Going::Again | Going::Probe => peer.write_again(now, &piece, buffer),
        });
        if matches!(going, Going::Asked | Going::Again) && written {
            out.counters.count(Counter::RetransmissionsSent);
        }
        Leaves::Now
    }

    /// A packet that went through a slot, with the numbers that it has there, and the peer that it is for.
    fn find_kept(
        &mut self,
        now: Moment,
        seat: Seat,
        slot: Slot,
        sequence: u64,
    ) -> Option<(Piece<'_>, &mut Peer)> {
        let resend = self.call.resend(seat, slot, sequence)?;
        let places = [resend.from.index(), seat.index()];
        let [publisher, receiver] = self.stations.get_disjoint_mut(places).ok()?;
        let kept = &publisher.ledger.as_ref()?.kept;
        let stored = kept.find(now, resend.source, resend.ssrc, resend.sequence)?;
        let (timestamp, vp8) = resend.numbers(stored.facts.timestamp, stored.payload);
        let piece = Piece {
            slot,
            sequence,
            timestamp,
            marker: stored.facts.marker,
            orientation: stored.facts.orientation,
            // Only pictures are kept.
            redundant: false,
            vp8,
            payload: stored.payload,
        };
        Some((piece, receiver.peer.as_deref_mut()?))
    }

    /// Whether a packet that went through a slot was kept once and is no more.
    fn is_gone(&self, now: Moment, seat: Seat, slot: Slot, sequence: u64) -> bool {
        let Some(resend) = self.call.resend(seat, slot, sequence) else {
            return false;
        };
        let publisher = self.stations.get(resend.from.index());
        let ledger = publisher.and_then(|publisher| publisher.ledger.as_ref());
        ledger.is_some_and(|ledger| {
            let kept = &ledger.kept;
            kept.is_gone(now, resend.source, resend.ssrc, resend.sequence)
        })
    }

    pub(super) fn send_reports(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let (now, may_ask) = (out.now, !out.behind);
        while let Some(peer) = self.peer(seat)
            && let Some(way) = peer.way()
            && out.write(way, |buffer| peer.write_rtcp(now, may_ask, buffer))
        {}
        self.pump(seat, out);
    }
}

/// Has a packet of a track written, and sends it; whether it could be written.
fn send_packet(
    way: Option<Way>,
    out: &mut Outside<'_>,
    write: impl FnOnce(&mut [u8]) -> Option<usize>,
) -> bool {
    let written = way.is_some_and(|way| out.write(way, write));
    if written {
        out.counters.packet_out();
    } else {
        out.counters.dropped(Out::NotWritten);
    }
    written
}

/// Counts packets that somebody asks for beyond what may be asked for at a time.
pub(super) fn refuse(packets: usize, counters: &Counters) {
    let packets = packets as u64;
    counters.add(Counter::RetransmissionsAsked, packets);
    counters.add(Counter::RetransmissionsRefused, packets);
    counters.all_dropped(Out::AskedTooMuch, packets);
}

/// Counts from whom a packet was kept, and why.
fn count(fate: Fate, counters: &Counters) {
    if let Some(why) = fate.unforwarded {
        counters.dropped(why);
    }
    for (reason, packets) in [
        (Out::BeforeJoining, fate.before_joining),
        (Out::NoKeyFrame, fate.no_key_frame),
    ] {
        if packets > 0 {
            counters.all_dropped(reason, u64::from(packets));
        }
    }
}
