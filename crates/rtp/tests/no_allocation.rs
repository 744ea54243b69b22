//! Nothing that is done for each packet allocates: counted by the allocator itself.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

use std::time::Duration;

use allocation_counter::measure;
use vestibule_rtp::header::{self, Element, Fixed};
use vestibule_rtp::rtcp::{self, ArrivalClock, Compound, SenderInfo};
use vestibule_rtp::{Arrivals, Facts, FeedbackBuilder, History, Moment, Resent, Via, extend, rtx};
use vestibule_srtp::Rtp;

const ROUND_TRIP: Duration = Duration::from_millis(50);

/// A publisher's stream at the SFU, with all that is kept of it, and one receiver.
struct Path {
    arrivals: Arrivals,
    feedback: FeedbackBuilder,
    history: History,
    resent: Resent,
    clock: ArrivalClock,
    wire: [u8; 1500],
    out: [u8; 1500],
    done: usize,
}

impl Path {
    fn step(&mut self, number: u64) {
        let now = Moment::from_micros(number * 5_000);
        let sequence = (number & 0xffff) as u16;
        // One in ten is lost, and comes as a retransmission ten packets later.
        if number % 10 != 3 {
            self.packet(now, sequence, Via::Stream);
        }
        if number > 20 && number % 10 == 3 {
            self.packet(now, sequence.wrapping_sub(10), Via::Retransmission);
        }
        self.ask(now);
        self.tell(now);
    }

    fn packet(&mut self, now: Moment, sequence: u16, via: Via) {
        let fixed = Fixed {
            payload_type: 96,
            sequence,
            ssrc: 1,
            ..Fixed::default()
        };
        let transport = sequence.to_be_bytes();
        let elements = [Element {
            id: 3,
            value: &transport,
        }];
        let length =
            rtx::write(&fixed, &elements, sequence, &[0x55; 1100], &mut self.wire).unwrap();
        let wire = &self.wire[..length];
        let packet = Rtp::parse(wire).unwrap();
        let mut read = packet.extension.unwrap().elements(wire);
        let (_, number) = read.find(|(id, _)| *id == 3).unwrap();
        let number = u16::from_be_bytes(number.try_into().unwrap());
        let (original, payload) = rtx::unwrap(&wire[packet.payload]).unwrap();
        self.feedback.note(number, now);
        let Ok(extended) = self.arrivals.note(now, original, 0, via) else {
            return;
        };
        let facts = Facts {
            sequence: extended,
            timestamp: 0,
            marker: false,
            orientation: None,
        };
        self.history.store(now, facts, payload);
        self.resent.sent(length);
        let length = header::write(&fixed, &elements, &mut self.out).unwrap();
        self.done += length;
    }

    fn ask(&mut self, now: Moment) {
        let requests = self.arrivals.requests(now);
        let mut compound = Compound::new(&mut self.wire);
        compound.nack(1, 2, requests.iter().copied()).unwrap();
        let newest = now.as_micros() / 5_000;
        for packet in rtcp::packets(compound.octets()) {
            let rtcp::Packet::Nack(nack) = packet.unwrap() else {
                continue;
            };
            for sequence in nack.sequences() {
                // The one before was not lost, and is found.
                let extended = extend((1 << 16) + newest, sequence.wrapping_sub(1)).unwrap();
                let found = self.history.find(now, extended).is_some();
                let allowed = self.resent.allow(now, extended, 1100, ROUND_TRIP);
                self.done += usize::from(found && allowed.is_ok());
            }
        }
    }

    fn tell(&mut self, now: Moment) {
        if self.feedback.next_timeout().is_some_and(|due| due <= now) {
            while let Some(length) = self.feedback.build(now, 1, 2, &mut self.out) {
                for packet in rtcp::packets(&self.out[..length]) {
                    if let Ok(rtcp::Packet::TransportFeedback(feedback)) = packet {
                        self.done += self.clock.read(&feedback).count();
                    }
                }
            }
            let block = self.arrivals.report(now, 1).unwrap();
            let mut compound = Compound::new(&mut self.out);
            let info = SenderInfo::default();
            compound.sender_report(&info, &[block]).unwrap();
            compound.description(1, "somebody").unwrap();
            self.done += rtcp::packets(compound.octets()).flatten().count();
        }
    }
}

#[test]
fn the_way_of_a_packet_allocates_nothing() {
    let mut path = Path {
        arrivals: Arrivals::asking(90_000),
        feedback: FeedbackBuilder::default(),
        history: History::default(),
        resent: Resent::default(),
        clock: ArrivalClock::default(),
        wire: [0; 1500],
        out: [0; 1500],
        done: 0,
    };
    // The memory that a stream needs is taken in its first second.
    (0..400).for_each(|number| path.step(number));
    let made = measure(|| (400..70_000).for_each(|number| path.step(number)));
    assert_eq!(made.count_total, 0);
    assert!(path.done > 1_000_000);
}
