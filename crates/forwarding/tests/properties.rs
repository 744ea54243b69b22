//! Invariants that hold whatever happens in a call.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use support::{at, leg, vp8};
use vestibule_forwarding::limits::{GAP_PACKETS, LEGS};
use vestibule_forwarding::vp8::Descriptor;
use vestibule_forwarding::{Call, Forwarded, Packet, Seat, Slot, Source};

/// What can happen. People are numbers from 1; a plan is a set of them.
#[derive(Clone, Debug)]
enum Event {
    Plan {
        people: Vec<u128>,
        open: bool,
    },
    Connect {
        person: u128,
    },
    Leave {
        person: u128,
    },
    Picture {
        person: u128,
        back: u64,
        ahead: u64,
        key: bool,
        first: bool,
        refused: bool,
    },
    Sound {
        person: u128,
        back: u64,
        ahead: u64,
        refused: bool,
    },
    Restart {
        person: u128,
    },
    Wait {
        millis: u64,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let person = 1_u128..=6;
    let late = prop_oneof![4 => Just(0_u64), 1 => 1_u64..40];
    let lost = prop_oneof![20 => Just(1_u64), 5 => 2_u64..20, 1 => 20_u64..40_000];
    let refused = prop::bool::weighted(0.1);
    prop_oneof![
        2 => (prop::sample::subsequence(vec![1_u128, 2, 3, 4, 5, 6], 0..=LEGS), prop::bool::weighted(0.8))
            .prop_map(|(people, open)| Event::Plan { people, open }),
        3 => person.clone().prop_map(|person| Event::Connect { person }),
        1 => person.clone().prop_map(|person| Event::Leave { person }),
        30 => (person.clone(), late.clone(), lost.clone(), prop::bool::weighted(0.3), prop::bool::weighted(0.7), refused)
            .prop_map(|(person, back, ahead, key, first, refused)| Event::Picture { person, back, ahead, key, first, refused }),
        10 => (person.clone(), late, lost, refused)
            .prop_map(|(person, back, ahead, refused)| Event::Sound { person, back, ahead, refused }),
        1 => person.prop_map(|person| Event::Restart { person }),
        3 => (0_u64..2000).prop_map(|millis| Event::Wait { millis }),
    ]
}

/// What is joined on as one: a person's connection and SSRC within one opening of the call.
type Stream = (u128, u32, u32, u32);

/// A browser's sending side: where its numbers are.
#[derive(Clone, Copy, Default)]
struct Sender {
    connection: u32,
    restarts: u32,
    newest: u64,
}

#[derive(Default)]
struct World {
    call: Call,
    now: u64,
    senders: HashMap<(u128, bool), Sender>,
    connections: HashMap<Seat, u32>,
    open: bool,
    openings: u32,
    /// Nobody is sent the packet that comes.
    refuses: bool,
    /// Per receiver connection and slot: the sequence numbers, and (input, output) of the stream that flows.
    taken: HashSet<(Seat, u32, Slot, u64)>,
    flow: HashMap<(Seat, u32, Slot), Flow>,
}

#[derive(Clone, Copy)]
struct Flow {
    stream: Stream,
    input: u64,
    output: u64,
    picture: u16,
}

impl World {
    fn apply(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Plan { people, open } => self.plan(people, *open)?,
            Event::Connect { person } => self.connect(*person),
            Event::Leave { person } => {
                if let Some(seat) = self.call.seat_of(leg(*person)) {
                    self.call.disconnected(seat);
                }
            }
            Event::Picture {
                person,
                back,
                ahead,
                key,
                first,
                refused,
            } => {
                self.refuses = *refused;
                self.picture(*person, *back, *ahead, *key, *first)?;
            }
            Event::Sound {
                person,
                back,
                ahead,
                refused,
            } => {
                self.refuses = *refused;
                self.sound(*person, *back, *ahead)?;
            }
            Event::Restart { person } => {
                for video in [false, true] {
                    let sender = self.senders.entry((*person, video)).or_default();
                    sender.restarts += 1;
                    sender.newest = sender.newest * 7 % 60_000 + 1000;
                }
            }
            Event::Wait { millis } => {
                self.now += millis;
                self.call.handle_timeout(at(self.now));
            }
        }
        while self.call.poll_output().is_some() {}
        Ok(())
    }

    fn plan(&mut self, people: &[u128], open: bool) -> Result<(), TestCaseError> {
        let before = self.bindings();
        let legs: Vec<_> = people.iter().map(|person| leg(*person)).collect();
        let connections = &mut self.connections;
        self.call
            .set_plan(at(self.now), &legs, open, |seat| {
                connections.remove(&seat);
            })
            .unwrap();
        let stable = open && self.open;
        self.openings += u32::from(open && !self.open);
        self.open = open;
        let after = self.bindings();
        for (place, publisher) in before.iter().filter(|_| stable) {
            let (receiver, slot) = *place;
            let stays = legs.contains(&receiver) && legs.contains(publisher);
            prop_assert!(
                !stays || after.get(&(receiver, slot)) == Some(publisher),
                "a slot moved"
            );
        }
        Ok(())
    }

    /// Who comes through which slot of whom, screens aside.
    fn bindings(
        &self,
    ) -> HashMap<(vestibule_forwarding::LegId, Slot), vestibule_forwarding::LegId> {
        let seats = Seat::ALL
            .into_iter()
            .filter_map(|seat| Some((seat, self.call.leg_id(seat)?)));
        let all =
            seats.flat_map(|(seat, id)| self.call.bindings(seat).map(move |bound| (id, bound)));
        all.map(|(id, bound)| ((id, bound.slot), bound.publisher))
            .collect()
    }

    fn connect(&mut self, person: u128) {
        let Some(seat) = self.call.seat_of(leg(person)) else {
            return;
        };
        for video in [false, true] {
            let sender = self.senders.entry((person, video)).or_default();
            sender.connection += 1;
            sender.newest = u64::from(sender.connection) * 30_000 % 65_000 + 200;
        }
        let connection = self.senders[&(person, true)].connection * 10 + person as u32;
        self.call.attach(at(self.now), seat, connection);
        self.call.connected(at(self.now), seat);
        self.connections.insert(seat, connection);
    }

    fn picture(
        &mut self,
        person: u128,
        back: u64,
        ahead: u64,
        key: bool,
        first: bool,
    ) -> Result<(), TestCaseError> {
        let sender = *self.senders.entry((person, true)).or_default();
        let sequence = Self::step(self.senders.entry((person, true)).or_default(), back, ahead);
        let payload = vp8(
            key,
            first,
            (sequence & 0x7fff) as u16,
            (sequence & 0xff) as u8,
        );
        self.forward(person, Source::Camera, sender, sequence, &payload)
    }

    fn sound(&mut self, person: u128, back: u64, ahead: u64) -> Result<(), TestCaseError> {
        let sender = *self.senders.entry((person, false)).or_default();
        let sequence = Self::step(
            self.senders.entry((person, false)).or_default(),
            back,
            ahead,
        );
        self.forward(person, Source::Microphone, sender, sequence, b"sealed")
    }

    fn step(sender: &mut Sender, back: u64, ahead: u64) -> u64 {
        if back > 0 {
            return sender.newest.saturating_sub(back);
        }
        sender.newest += ahead;
        sender.newest
    }

    fn forward(
        &mut self,
        person: u128,
        source: Source,
        sender: Sender,
        sequence: u64,
        payload: &[u8],
    ) -> Result<(), TestCaseError> {
        self.now += 1;
        let Some(seat) = self.call.seat_of(leg(person)) else {
            return Ok(());
        };
        let packet = Packet {
            ssrc: 1000 + sender.restarts,
            layer: 0,
            sequence,
            timestamp: (sequence as u32).wrapping_mul(3000),
            payload,
        };
        let mut sent = Vec::new();
        self.call
            .forward(at(self.now), seat, source, &packet, |forwarded| {
                if !self.refuses {
                    sent.push(forwarded);
                }
                !self.refuses
            });
        prop_assert!(self.open || sent.is_empty(), "forwarded while closed");
        let stream = (person, sender.connection, sender.restarts, self.openings);
        sent.into_iter()
            .try_for_each(|forwarded| self.check(stream, source, sequence, payload, forwarded))
    }

    fn check(
        &mut self,
        stream: Stream,
        source: Source,
        input: u64,
        payload: &[u8],
        sent: Forwarded,
    ) -> Result<(), TestCaseError> {
        let connection = self.connections[&sent.seat];
        let place = (sent.seat, connection, sent.slot);
        let unique = self
            .taken
            .insert((sent.seat, connection, sent.slot, sent.sequence));
        prop_assert!(unique, "a sequence number was given twice");
        prop_assert!(sent.captured <= at(self.now));
        let picture = rewritten(source, payload, sent);
        let before = self.flow.get(&place).copied();
        self.check_resend(input, payload, sent)?;
        if let Some(flow) = before
            && let Some(found) = self.call.resend(sent.seat, sent.slot, flow.output)
        {
            prop_assert_eq!(
                found.sequence,
                flow.input,
                "another packet would be sent again"
            );
        }
        match before {
            None => prop_assert!(sent.sequence < 65_536, "a slot starts too high"),
            Some(flow) if flow.stream == stream => {
                prop_assert_eq!(
                    sent.sequence > flow.output,
                    input > flow.input,
                    "the order changed"
                );
                let further = input.wrapping_sub(flow.input);
                let further = if input > flow.input {
                    further.min(GAP_PACKETS + 1)
                } else {
                    further
                };
                prop_assert_eq!(sent.sequence.wrapping_sub(flow.output), further);
            }
            Some(flow) => {
                prop_assert_eq!(
                    sent.sequence,
                    flow.output + 1,
                    "a stream is joined on with a gap"
                );
                if source == Source::Camera {
                    let next = (flow.picture + 1) & 0x7fff;
                    prop_assert_eq!(picture, Some(next), "pictures are not counted on");
                }
            }
        }
        if before.is_none_or(|flow| flow.output < sent.sequence) {
            let (output, picture) = (sent.sequence, picture.unwrap_or(0));
            self.flow.insert(
                place,
                Flow {
                    stream,
                    input,
                    output,
                    picture,
                },
            );
        }
        Ok(())
    }
}

impl World {
    /// What was just sent is found again, and gets the same numbers.
    fn check_resend(
        &self,
        input: u64,
        payload: &[u8],
        sent: Forwarded,
    ) -> Result<(), TestCaseError> {
        let found = self.call.resend(sent.seat, sent.slot, sent.sequence);
        prop_assert!(found.is_some(), "what was sent is not found");
        let found = found.unwrap();
        prop_assert_eq!(found.sequence, input);
        let timestamp = (input as u32).wrapping_mul(3000);
        prop_assert_eq!(
            found.numbers(timestamp, payload),
            (sent.timestamp, sent.vp8)
        );
        let never = self.call.resend(sent.seat, sent.slot, sent.sequence + 5000);
        prop_assert_eq!(never, None, "what was never sent is found");
        Ok(())
    }
}

/// The PictureID as the receiver reads it.
fn rewritten(source: Source, payload: &[u8], sent: Forwarded) -> Option<u16> {
    if source == Source::Microphone {
        return None;
    }
    let mut payload = payload.to_vec();
    if let Some(new) = sent.vp8 {
        Descriptor::parse(&payload)?.rewrite(&mut payload, new);
    }
    Descriptor::parse(&payload)?.picture_id()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold(events in prop::collection::vec(event(), 1..250)) {
        let mut world = World::default();
        world.apply(&Event::Plan { people: vec![1, 2, 3], open: true })?;
        for person in 1..=3 {
            world.apply(&Event::Connect { person })?;
        }
        for event in &events {
            world.apply(event)?;
        }
    }
}
