//! Layers: who gets which, when it is changed, and that the receiver sees one stream all the while.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use std::collections::HashSet;

use proptest::prelude::*;
use support::{
    INTERPRETER, PATIENT, PRACTITIONER, at, consultation, join, leg, outputs, plan, send, vp8,
};
use vestibule_forwarding::limits::{INTERRUPTED_AFTER, LAYERS};
use vestibule_forwarding::vp8::Descriptor;
use vestibule_forwarding::{Call, Forwarded, Layers, Moment, Output, Packet, Seat, Slot, Source};

const TOP: u8 = LAYERS as u8 - 1;

/// A camera with all its layers, each with numbers of its own.
struct Camera {
    seat: Seat,
    sent: [u64; LAYERS],
}

impl Camera {
    fn of(seat: Seat) -> Self {
        Self {
            seat,
            sent: [100, 40_000, 65_000],
        }
    }

    /// One packet of a layer, a whole picture.
    fn shoot(&mut self, call: &mut Call, millis: u64, layer: u8, key: bool) -> Vec<Forwarded> {
        let sequence = self.skip(layer, 1);
        self.resend(call, millis, layer, sequence, key)
    }

    fn resend(
        &mut self,
        call: &mut Call,
        millis: u64,
        layer: u8,
        sequence: u64,
        key: bool,
    ) -> Vec<Forwarded> {
        let payload = payload(sequence, key);
        let packet = packet(layer, sequence, millis, &payload);
        send(call, at(millis), self.seat, Source::Camera, packet)
    }

    /// Takes numbers that never arrive.
    fn skip(&mut self, layer: u8, count: u64) -> u64 {
        let sent = &mut self.sent[usize::from(layer)];
        *sent += count;
        *sent
    }
}

fn payload(sequence: u64, key: bool) -> Vec<u8> {
    vp8(
        key,
        true,
        (sequence & 0x7fff) as u16,
        (sequence & 0xff) as u8,
    )
}

/// Each layer's timestamps begin elsewhere.
fn packet(layer: u8, sequence: u64, millis: u64, payload: &[u8]) -> Packet<'_> {
    Packet {
        ssrc: 100 + u32::from(layer),
        layer,
        sequence,
        timestamp: u32::from(layer) * 1_000_000_000 + (millis * 90) as u32,
        payload,
    }
}

/// The picture numbers as the receiver reads them.
fn pictures(payload: &[u8], sent: &Forwarded) -> (u16, u8) {
    let mut payload = payload.to_vec();
    if let Some(new) = sent.vp8 {
        Descriptor::parse(&payload)
            .unwrap()
            .rewrite(&mut payload, new);
    }
    let read = Descriptor::parse(&payload).unwrap();
    (read.picture_id().unwrap(), read.tl0().unwrap())
}

fn video() -> Slot {
    Slot::video(0).unwrap()
}

fn asked(call: &mut Call) -> Vec<u8> {
    let told = outputs(call).into_iter();
    told.filter_map(|output| match output {
        Output::KeyFrame { layer, .. } => Some(layer),
        Output::Link { .. }
        | Output::Slots { .. }
        | Output::Layers { .. }
        | Output::Redundancy { .. }
        | Output::Talk(_)
        | Output::Flow(_) => None,
    })
    .collect()
}

fn told(call: &mut Call, of: Seat) -> Vec<Vec<u8>> {
    let told = outputs(call).into_iter();
    told.filter_map(|output| match output {
        Output::Layers { seat, layers, .. } if seat == of => Some(layers.iter().collect()),
        Output::Layers { .. }
        | Output::Redundancy { .. }
        | Output::Talk(_)
        | Output::Flow(_)
        | Output::KeyFrame { .. }
        | Output::Link { .. }
        | Output::Slots { .. } => None,
    })
    .collect()
}

/// A call in which all layers of the patient's camera flow, and the practitioner gets the highest.
fn flowing() -> (Call, Camera, Seat) {
    let (mut call, patient, practitioner) = consultation();
    let mut camera = Camera::of(patient);
    for layer in 0..LAYERS as u8 {
        camera.shoot(&mut call, 1, layer, true);
    }
    for layer in 0..LAYERS as u8 {
        let sent = camera.shoot(&mut call, 40, layer, false);
        assert_eq!(!sent.is_empty(), layer == TOP, "layer {layer}");
    }
    assert_eq!(call.layer(practitioner, video()), Some(TOP));
    outputs(&mut call);
    (call, camera, practitioner)
}

#[test]
fn another_layer_is_joined_on_at_its_key_frame_and_all_numbers_go_on() {
    let (mut call, mut camera, practitioner) = flowing();
    let before = camera.shoot(&mut call, 1000, TOP, false)[0];
    let old = pictures(&payload(camera.sent[2], false), &before);
    call.set_layer(practitioner, video(), Some(0));
    assert!(camera.shoot(&mut call, 1040, 0, false).is_empty());
    assert_eq!(asked(&mut call), [0], "the request names the layer");
    let before_switch = camera.shoot(&mut call, 1080, TOP, false);
    assert_eq!(before_switch.len(), 1, "what it gets now goes on");

    let joined = camera.shoot(&mut call, 1120, 0, true)[0];
    let new = pictures(&payload(camera.sent[0], true), &joined);
    assert_eq!(joined.sequence, before.sequence + 2);
    assert_eq!(joined.timestamp, before.timestamp + 120 * 90);
    assert_eq!(new, ((old.0 + 2) & 0x7fff, old.1.wrapping_add(2)));
    assert!(camera.shoot(&mut call, 1160, TOP, false).is_empty());
    assert!(camera.shoot(&mut call, 1200, TOP, true).is_empty());
    let next = camera.shoot(&mut call, 1200, 0, false)[0];
    assert_eq!(next.sequence, joined.sequence + 1);
}

#[test]
fn a_layer_that_dies_is_stood_in_for_by_one_that_flows() {
    let (mut call, mut camera, practitioner) = flowing();
    assert!(
        camera.shoot(&mut call, 900, 1, true).is_empty(),
        "it may come back"
    );
    assert!(camera.shoot(&mut call, 1100, 1, false).is_empty());
    assert_eq!(asked(&mut call), [1]);
    assert_eq!(camera.shoot(&mut call, 1140, 1, true).len(), 1);
    assert_eq!(call.layer(practitioner, video()), Some(1));
    // A layer below comes too, and is not what is wanted.
    assert!(camera.shoot(&mut call, 1150, 0, true).is_empty());
    // The wanted one is back.
    assert!(camera.shoot(&mut call, 1200, TOP, false).is_empty());
    assert_eq!(camera.shoot(&mut call, 1240, TOP, true).len(), 1);
}

#[test]
fn a_layer_below_all_that_flow_is_stood_in_for_by_the_lowest() {
    let (mut call, patient, practitioner) = consultation();
    let mut camera = Camera::of(patient);
    call.set_layer(practitioner, video(), Some(0));
    assert_eq!(camera.shoot(&mut call, 10, 1, true).len(), 1);
    assert_eq!(camera.shoot(&mut call, 20, TOP, true).len(), 0);
    assert_eq!(camera.shoot(&mut call, 30, 0, true).len(), 1);
    assert_eq!(camera.shoot(&mut call, 40, 1, true).len(), 0);
}

#[test]
fn what_is_paused_gets_nothing_and_goes_on_at_a_key_frame() {
    let (mut call, mut camera, practitioner) = flowing();
    let before = camera.shoot(&mut call, 1100, TOP, false)[0];
    call.set_layer(practitioner, video(), None);
    assert!(camera.shoot(&mut call, 1140, TOP, true).is_empty());
    assert_eq!(asked(&mut call), [] as [u8; 0]);
    call.set_layer(practitioner, video(), Some(TOP));
    assert!(camera.shoot(&mut call, 1180, TOP, false).is_empty());
    assert_eq!(asked(&mut call), [TOP]);
    let after = camera.shoot(&mut call, 1220, TOP, true)[0];
    assert_eq!(after.sequence, before.sequence + 1);
}

/// libwebrtc forgets what it lacks when a thousand packets are missing.
#[test]
fn who_asks_for_packets_of_a_paused_picture_is_told_to_forget_them() {
    let (mut call, mut camera, practitioner) = flowing();
    let before = camera.shoot(&mut call, 1100, TOP, false)[0];
    let skip = |call: &mut Call, millis| {
        let skip = call.skip(at(millis), practitioner, video());
        skip.map(|it| (it.sequence, it.timestamp))
    };
    assert_eq!(skip(&mut call, 1140), None, "it flows");
    call.set_layer(practitioner, video(), None);
    let (told, timestamp) = skip(&mut call, 1150).unwrap();
    assert!(told - before.sequence > 1_000, "{told}");
    assert_eq!(timestamp, before.timestamp);
    assert_eq!(skip(&mut call, 1249), None, "it was told just now");
    assert_eq!(
        skip(&mut call, 1250),
        Some((told + 1, timestamp)),
        "once more"
    );

    call.set_layer(practitioner, video(), Some(TOP));
    let after = camera.shoot(&mut call, 1300, TOP, true)[0];
    assert_eq!(after.sequence, told + 2);
    let found = call.resend(practitioner, video(), after.sequence).unwrap();
    assert_eq!(found.sequence, camera.sent[2]);
    for number in [before.sequence, told, told + 1] {
        let found = call.resend(practitioner, video(), number);
        assert_eq!(found, None, "{number} is of no use, or was never a packet");
    }
    call.set_layer(practitioner, video(), None);
    let (again, _) = skip(&mut call, 1310).unwrap();
    assert!(again - after.sequence > 1_000, "another pause");
}

#[test]
fn a_paused_picture_is_asked_for_when_it_goes_on() {
    let (mut call, mut camera, practitioner) = flowing();
    call.set_layer(practitioner, video(), None);
    call.request_key_frame(at(2_000), practitioner, video());
    assert_eq!(asked(&mut call), [] as [u8; 0]);
    call.set_layer(practitioner, video(), Some(TOP));
    camera.shoot(&mut call, 2_040, TOP, false);
    assert_eq!(asked(&mut call), [TOP]);
}

#[test]
fn a_publisher_is_told_the_layers_that_somebody_is_to_get() {
    let (mut call, mut camera, practitioner) = flowing();
    let patient = camera.seat;
    assert_eq!(call.wanted_layers(patient), Layers::only(TOP));
    assert!(told(&mut call, patient).is_empty(), "nothing is told twice");
    call.set_layer(practitioner, video(), Some(1));
    assert_eq!(told(&mut call, patient), [vec![1]]);
    camera.shoot(&mut call, 80, 1, true);
    assert!(told(&mut call, patient).is_empty());
    call.set_layer(practitioner, video(), None);
    assert_eq!(told(&mut call, patient), [vec![]]);
}

const ALL_THREE: [u128; 3] = [PATIENT, PRACTITIONER, INTERPRETER];

/// Three people who are connected, and what of the first one's camera the others are to get.
fn three(wanted: [u8; 2]) -> (Call, [Seat; 3]) {
    let mut call = Call::default();
    plan(&mut call, at(0), &ALL_THREE, true);
    let seats = ALL_THREE.map(|who| join(&mut call, at(0), who, 1));
    for (seat, layer) in seats[1..].iter().zip(wanted) {
        call.set_layer(*seat, video(), Some(layer));
    }
    outputs(&mut call);
    (call, seats)
}

/// The others are heard as long as somebody who left is waited for, and a little longer.
fn give_up(call: &mut Call, others: [Seat; 2]) -> Moment {
    let gone = at(0).plus(INTERRUPTED_AFTER);
    for seat in others {
        call.heard(gone, seat);
    }
    call.handle_timeout(gone);
    gone
}

#[test]
fn a_layer_is_sent_while_anybody_gets_it() {
    let (mut call, seats) = three([TOP, TOP]);
    let mut camera = Camera::of(seats[0]);
    call.set_layer(seats[1], video(), Some(0));
    for layer in 0..LAYERS as u8 {
        camera.shoot(&mut call, 10, layer, true);
    }
    assert_eq!(told(&mut call, seats[0]), [vec![0, TOP]]);
    call.set_layer(seats[1], video(), Some(TOP));
    assert_eq!(told(&mut call, seats[0]), [vec![TOP]]);
}

#[test]
fn who_left_holds_a_layer_up_for_some_seconds_and_no_longer() {
    for (wanted, rest) in [([0, TOP], 0), ([TOP, 0], TOP)] {
        let (mut call, [patient, practitioner, interpreter]) = three(wanted);
        call.disconnected(interpreter);
        assert!(told(&mut call, patient).is_empty(), "it may be back soon");
        assert!(call.is_expected(interpreter));
        let gone = at(0).plus(INTERRUPTED_AFTER);
        while let Some(due) = call.next_timeout().filter(|due| *due < gone) {
            for seat in [patient, practitioner] {
                call.heard(due, seat);
            }
            call.handle_timeout(due);
            assert!(told(&mut call, patient).is_empty(), "at {due:?}");
        }
        assert_eq!(call.next_timeout(), Some(gone));
        give_up(&mut call, [patient, practitioner]);
        assert_eq!(told(&mut call, patient), [vec![rest]]);
        assert!(!call.is_expected(interpreter));
    }
}

#[test]
fn who_comes_back_soon_finds_the_layers_as_they_were() {
    for layer in 0..LAYERS as u8 {
        let (mut call, seats) = three([layer, layer]);
        let mut camera = Camera::of(seats[0]);
        for connection in 2..6 {
            call.disconnected(seats[2]);
            assert!(told(&mut call, seats[0]).is_empty());
            let now = u64::from(connection) * 1_000;
            call.attach(at(now), seats[2], connection);
            assert!(told(&mut call, seats[0]).is_empty());
            call.connected(at(now), seats[2]);
            assert!(told(&mut call, seats[0]).is_empty());
            let sent = camera.shoot(&mut call, now, layer, true);
            assert!(sent.iter().any(|it| it.seat == seats[2]), "and is sent it");
        }
    }
}

#[test]
fn who_comes_late_is_sent_at_once_what_comes_and_the_highest_is_asked_for() {
    let (mut call, [patient, practitioner, interpreter]) = three([0, 0]);
    let mut camera = Camera::of(patient);
    call.disconnected(interpreter);
    let now = give_up(&mut call, [patient, practitioner]).as_micros() / 1_000;
    camera.shoot(&mut call, now, 0, true);
    outputs(&mut call);
    join(&mut call, at(now + 400), INTERPRETER, 2);
    let told = outputs(&mut call);
    let asks =
        |it: &Output| matches!(it, Output::KeyFrame { seat, layer: 0, .. } if *seat == patient);
    assert!(told.iter().any(asks));
    let wanted = [0, TOP].into_iter().collect::<Layers>();
    let both = |it: &Output| matches!(it, Output::Layers { seat, layers, .. } if *seat == patient && *layers == wanted);
    assert!(told.iter().any(both));
    let sent = camera.shoot(&mut call, now + 440, 0, true);
    assert!(sent.iter().any(|it| it.seat == interpreter));
}

#[test]
fn who_was_never_there_holds_no_layer_up_once_the_call_is_open() {
    let mut call = Call::default();
    plan(&mut call, at(0), &ALL_THREE, false);
    let [patient, practitioner] = [PATIENT, PRACTITIONER].map(|it| join(&mut call, at(0), it, 1));
    call.set_layer(practitioner, video(), Some(0));
    assert_eq!(
        told(&mut call, patient),
        [vec![0, TOP]],
        "the highest is ready"
    );
    let interpreter = call.seat_of(leg(INTERPRETER)).unwrap();
    assert!(call.is_expected(interpreter));
    plan(&mut call, at(0), &ALL_THREE, true);
    assert_eq!(told(&mut call, patient), [vec![0]]);
    assert!(!call.is_expected(interpreter));
    call.attach(at(0), interpreter, 1);
    assert!(told(&mut call, patient).is_empty(), "it may never be up");
}

#[test]
fn while_nobody_else_is_there_the_highest_is_kept_ready() {
    let (mut call, _, practitioner) = flowing();
    call.set_layer(practitioner, video(), Some(0));
    let [patient, ..] = Seat::ALL;
    assert_eq!(told(&mut call, patient), [vec![0]]);
    call.disconnected(practitioner);
    assert_eq!(told(&mut call, patient), [vec![TOP]]);
    join(&mut call, at(1_000), PRACTITIONER, 2);
    assert!(told(&mut call, patient).is_empty());
}

#[test]
fn a_leg_that_is_alone_keeps_the_highest_ready() {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT], false);
    let patient = join(&mut call, at(0), PATIENT, 1);
    assert_eq!(told(&mut call, patient), [vec![TOP]]);
}

#[test]
fn what_was_sent_before_a_change_of_layers_is_found_again() {
    let (mut call, mut camera, practitioner) = flowing();
    let before = camera.shoot(&mut call, 100, TOP, false)[0];
    let came_as = camera.sent[2];
    call.set_layer(practitioner, video(), Some(0));
    let after = camera.shoot(&mut call, 140, 0, true)[0];
    let found = call.resend(practitioner, video(), before.sequence).unwrap();
    assert_eq!((found.ssrc, found.sequence), (102, came_as));
    let found = call.resend(practitioner, video(), after.sequence).unwrap();
    assert_eq!((found.ssrc, found.sequence), (100, camera.sent[0]));
}

#[test]
fn the_layers_that_flow_are_measured() {
    let (mut call, mut camera, _) = flowing();
    for frame in 0..100 {
        camera.shoot(&mut call, 100 + frame * 20, 0, false);
    }
    let [lowest, _, top] = call.bitrates(at(2100), camera.seat, Source::Camera);
    assert!(top.is_none(), "it is silent for two seconds");
    // Ten octets fifty times a second.
    assert!((3_500..4_500).contains(&lowest.unwrap()), "{lowest:?}");
}

/// What happens to a camera of three layers and its two receivers.
#[derive(Clone, Debug)]
enum Event {
    Shoot { layer: u8, key: bool, lost: u64 },
    Late { layer: u8, back: u64, key: bool },
    Want { receiver: usize, layer: Option<u8> },
    Lack { receiver: usize },
    Wait { millis: u64 },
}

fn event() -> impl Strategy<Value = Event> {
    let layer = 0..LAYERS as u8;
    let lost = prop_oneof![5 => Just(0_u64), 1 => 1_u64..9];
    let key = prop::bool::weighted(0.2);
    prop_oneof![
        30 => (layer.clone(), key, lost).prop_map(|(layer, key, lost)| Event::Shoot { layer, key, lost }),
        5 => (layer.clone(), 0_u64..20, key).prop_map(|(layer, back, key)| Event::Late { layer, back, key }),
        3 => (0_usize..2, prop::option::weighted(0.8, layer))
            .prop_map(|(receiver, layer)| Event::Want { receiver, layer }),
        2 => (0_usize..2).prop_map(|receiver| Event::Lack { receiver }),
        2 => (1_u64..2000).prop_map(|millis| Event::Wait { millis }),
    ]
}

/// One receiver's view.
#[derive(Default)]
struct Seen {
    taken: HashSet<u64>,
    last: Option<Last>,
}

/// The newest packet that came.
#[derive(Clone, Copy)]
struct Last {
    layer: u8,
    came_as: u64,
    sequence: u64,
    timestamp: u32,
    pictures: (u16, u8),
}

impl Seen {
    /// What comes next goes on behind this number.
    fn skip(&mut self, sequence: u64) -> Result<(), TestCaseError> {
        prop_assert!(self.taken.insert(sequence), "a number was given twice");
        let last = self.last.as_mut().unwrap();
        prop_assert!(sequence > last.sequence);
        last.sequence = sequence;
        Ok(())
    }

    fn note(
        &mut self,
        layer: u8,
        came_as: u64,
        key: bool,
        sent: &Forwarded,
    ) -> Result<(), TestCaseError> {
        prop_assert!(self.taken.insert(sent.sequence), "a number was given twice");
        let now = Last {
            layer,
            came_as,
            sequence: sent.sequence,
            timestamp: sent.timestamp,
            pictures: pictures(&payload(came_as, key), sent),
        };
        let Some(before) = self.last else {
            self.last = Some(now);
            return Ok(());
        };
        if before.layer == layer && came_as < before.came_as {
            prop_assert!(now.sequence < before.sequence, "late packets stay late");
            return Ok(());
        }
        self.last = Some(now);
        if before.layer == layer {
            prop_assert!(now.sequence > before.sequence);
            return Ok(());
        }
        let (picture, tl0) = before.pictures;
        prop_assert!(key, "changed without a key frame");
        prop_assert_eq!(now.sequence, before.sequence + 1);
        prop_assert_eq!(now.pictures, ((picture + 1) & 0x7fff, tl0.wrapping_add(1)));
        let later = now.timestamp.wrapping_sub(before.timestamp);
        prop_assert!((1..1 << 31).contains(&later), "time goes on");
        Ok(())
    }
}

struct World {
    call: Call,
    camera: Camera,
    receivers: [Seat; 2],
    wanted: [Option<u8>; 2],
    seen: [Seen; 2],
    now: u64,
    asked: Option<u64>,
}

impl World {
    fn new() -> Self {
        let mut call = Call::default();
        plan(&mut call, at(0), &[PATIENT, PRACTITIONER, 3], true);
        let [publisher, one, other] =
            [PATIENT, PRACTITIONER, 3].map(|who| join(&mut call, at(0), who, 1));
        outputs(&mut call);
        Self {
            call,
            camera: Camera::of(publisher),
            receivers: [one, other],
            wanted: [Some(TOP); 2],
            seen: Default::default(),
            now: 1000,
            asked: Some(0),
        }
    }

    fn apply(&mut self, event: &Event) -> Result<Vec<u8>, TestCaseError> {
        match *event {
            Event::Shoot { layer, key, lost } => {
                let sequence = self.camera.skip(layer, 1 + lost);
                self.now += 3;
                self.take(layer, sequence, key)?;
            }
            Event::Late { layer, back, key } => {
                let sequence = self.camera.sent[usize::from(layer)] - back;
                self.take(layer, sequence, key)?;
            }
            Event::Want { receiver, layer } => {
                self.wanted[receiver] = layer;
                self.call
                    .set_layer(self.receivers[receiver], video(), layer);
            }
            Event::Lack { receiver } => {
                let seat = self.receivers[receiver];
                let skip = self.call.skip(at(self.now), seat, video());
                prop_assert!(skip.is_none() || self.wanted[receiver].is_none());
                skip.map_or(Ok(()), |skip| self.seen[receiver].skip(skip.sequence))?;
            }
            Event::Wait { millis } => self.now += millis,
        }
        self.call.handle_timeout(at(self.now));
        let asked = asked(&mut self.call);
        prop_assert!(asked.len() <= 1);
        if !asked.is_empty() {
            let before = self.asked.replace(self.now);
            prop_assert!(
                before.is_none_or(|before| self.now - before >= 300),
                "asked too often"
            );
        }
        Ok(asked)
    }

    fn take(&mut self, layer: u8, sequence: u64, key: bool) -> Result<(), TestCaseError> {
        for seat in self.receivers {
            self.call.heard(at(self.now), seat);
        }
        self.call.heard(at(self.now), self.camera.seat);
        let all = self
            .camera
            .resend(&mut self.call, self.now, layer, sequence, key);
        for sent in all {
            let place = self
                .receivers
                .iter()
                .position(|seat| *seat == sent.seat)
                .unwrap();
            prop_assert!(self.wanted[place].is_some(), "sent while paused");
            self.seen[place].note(layer, sequence, key, &sent)?;
        }
        Ok(())
    }

    /// The camera sends some layers steadily, and a key frame when it is asked: each receiver comes to get the
    /// layer that is best for it.
    fn calm_down(&mut self, flowing: Layers) -> Result<(), TestCaseError> {
        let mut keys = Layers::default();
        for _ in 0..100 {
            for layer in flowing.iter() {
                let key = keys.contains(layer);
                keys.remove(layer);
                let asked = self.apply(&Event::Shoot {
                    layer,
                    key,
                    lost: 0,
                })?;
                asked.into_iter().for_each(|layer| keys.insert(layer));
            }
            self.apply(&Event::Wait { millis: 40 })?
                .into_iter()
                .for_each(|layer| keys.insert(layer));
        }
        for (place, seat) in self.receivers.into_iter().enumerate() {
            let best = self.wanted[place].and_then(|wanted| {
                let within = flowing.iter().rfind(|layer| *layer <= wanted);
                within.or_else(|| flowing.iter().next())
            });
            prop_assert_eq!(self.call.layer(seat, video()), best, "stuck");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_receiver_sees_one_stream_and_nobody_is_stuck(
        events in prop::collection::vec(event(), 1..200),
        flowing in 1_u8..8,
    ) {
        let mut world = World::new();
        for event in &events {
            world.apply(event)?;
        }
        world.calm_down((0..LAYERS as u8).filter(|layer| flowing & (1 << layer) != 0).collect())?;
    }
}
