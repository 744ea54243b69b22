//! A screen beside cameras.

use vestibule_congestion::{Bitrate, Known};

use super::{LAYERED, ONE, OTHER, at, call_of, line, shows};
use crate::allotment::{Allotment, most_for};
use crate::{Call, Packet, Slot, Source};

#[test]
fn a_screen_takes_nothing_of_what_its_own_publisher_may_send() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    shows(&mut call, OTHER, Source::Screen);
    allotment.update(at(1_000), (&mut call, ONE), line(2_000), |_| LAYERED);
    assert_eq!(allotment.looked.wishes.iter().flatten().count(), 2);
    let most = most_for(at(1_000), &call, OTHER, [(ONE, Some(&allotment))]);
    assert_eq!(most, Bitrate::kbps(2_000));
}

/// A publisher in the midst of a film that it shares, and of as much of its camera as it may send.
struct Film {
    call: Call,
    allotment: Allotment,
    sequence: u64,
    told: Bitrate,
}

/// What became of a tenth of a second.
struct Moments {
    screen: Option<u8>,
    camera: Option<u8>,
    told: u64,
}

impl Film {
    fn begins(people: u128) -> Self {
        Self {
            call: call_of(people),
            allotment: Allotment::default(),
            sequence: 70_000,
            told: Bitrate::kbps(1_500),
        }
    }

    fn send(&mut self, millis: u64, source: Source, bitrate: Bitrate) {
        let octets = (bitrate.as_bps() / 80).max(20) as usize;
        let mut payload = vec![0; octets];
        payload[0] = 0x10;
        self.sequence += 1;
        let packet = Packet {
            ssrc: if source == Source::Screen { 9 } else { 7 },
            layer: 0,
            sequence: self.sequence,
            timestamp: 0,
            payload: &payload,
        };
        self.call
            .forward(at(millis), OTHER, source, &packet, |_| true);
    }

    /// So many seconds over a line.
    fn runs(&mut self, from: u64, seconds: u64, known: Known) -> Vec<Moments> {
        let all = (from..from + seconds * 1_000).step_by(100);
        all.map(|millis| {
            // A fifth is left to the voice.
            let pictures = self.told.times(0.8).min(Bitrate::kbps(1_500));
            let camera = self.allotment.set[0].flatten();
            let camera = camera.map_or(Bitrate::ZERO, |_| {
                Bitrate::kbps(115).min(pictures.times(0.5))
            });
            if camera > Bitrate::ZERO {
                self.send(millis, Source::Camera, camera);
            }
            self.send(millis, Source::Screen, pictures.minus(camera));
            let (call, allotment) = (&mut self.call, &mut self.allotment);
            allotment.update(at(millis), (call, ONE), known, |_| LAYERED);
            self.told = most_for(
                at(millis),
                &self.call,
                OTHER,
                [(ONE, Some(&self.allotment))],
            );
            Moments {
                screen: self.allotment.set[4].flatten(),
                camera: self.allotment.set[0].flatten(),
                told: self.told.as_bps(),
            }
        })
        .collect()
    }
}

#[test]
fn a_screen_that_leaves_the_camera_no_room_stays_as_good_as_the_line_takes() {
    for kilobits in [150, 200, 300, 400] {
        let mut film = Film::begins(2);
        film.runs(0, 4, line(kilobits));
        let then = film.runs(4_000, 30, line(kilobits));
        assert!(then.iter().all(|it| it.screen.is_some()), "{kilobits}");
        let least = then.iter().map(|it| it.told).min().unwrap();
        // The picture and what the voice leaves of its own.
        assert!(least >= (kilobits - 67) * 1_000, "{kilobits}: {least}");
        let changes = then.windows(2).filter(|it| it[0].camera != it[1].camera);
        assert!(changes.count() <= 4, "{kilobits}");
    }
}

#[test]
fn while_the_camera_becomes_smaller_beside_a_screen_no_more_is_told_than_the_line_takes() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    let mut payload = [0; 100];
    payload[0] = 0x10;
    for (ssrc, layer, source) in [(7, 2, Source::Camera), (9, 0, Source::Screen)] {
        let packet = Packet {
            ssrc,
            layer,
            sequence: 70_000,
            timestamp: 0,
            payload: &payload,
        };
        call.forward(at(0), OTHER, source, &packet, |_| true);
    }
    allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(0)));
    assert_eq!(call.layer(ONE, Slot::video(0).unwrap()), Some(2), "still");
    let most = most_for(at(0), &call, OTHER, [(ONE, Some(&allotment))]);
    assert_eq!(most, Bitrate::bps(291_250));
}

#[test]
fn a_screen_that_is_looked_at_without_the_camera_becomes_what_the_line_takes() {
    let mut film = Film::begins(2);
    film.allotment
        .watch(|slot| (Some(slot) == Slot::video(0)).then_some(0));
    let first = film.runs(0, 4, line(300));
    let told = 233_000..=300_000;
    assert!(first.iter().all(|it| told.contains(&it.told)));
    let then = film.runs(4_000, 10, line(300));
    assert!(
        then.iter()
            .all(|it| it.screen.is_some() && it.camera.is_none())
    );
}

#[test]
fn a_screen_that_is_far_too_much_for_a_line_that_broke_down_stops_for_a_moment() {
    let mut film = Film::begins(2);
    film.runs(0, 4, line(3_000));
    let broken = Known {
        congested: true,
        ..line(200)
    };
    let stopped = film.runs(4_000, 1, broken);
    assert!(stopped.iter().any(|it| it.screen.is_none()));
    let then = film.runs(5_000, 6, line(200));
    assert!(then[30..].iter().all(|it| it.screen.is_some()));
}

#[test]
fn among_three_a_screen_that_is_too_much_is_told_what_would_fit() {
    let mut film = Film::begins(3);
    film.runs(0, 3, line(300));
    let then = film.runs(3_000, 10, line(300));
    assert!(then.iter().all(|it| it.told <= 300_000));
    assert!(
        then.iter().all(|it| it.told >= 90_000),
        "it does not collapse"
    );
    assert!(then[50..].iter().all(|it| it.screen.is_some()));
}
