//! What is left to voices.

use vestibule_congestion::Bitrate;

use super::{LAYERED, ONE, OTHER, at, call_of, line};
use crate::allotment::{Allotment, most_for};
use crate::{Call, Packet, Seat, Source};

/// A second of sound, 50 packets of this many octets.
fn speaks(call: &mut Call, from: Seat, octets: usize) {
    for sequence in 0..50 {
        let packet = Packet {
            ssrc: 8,
            layer: 0,
            sequence: 70_000 + sequence,
            timestamp: 0,
            payload: &vec![0; octets],
        };
        call.forward(at(sequence * 20), from, Source::Microphone, &packet, |_| {
            true
        });
    }
}

#[test]
fn pictures_leave_room_for_voices_as_they_come() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    let mut room = |call: &mut Call| {
        allotment.update(at(1_000), (call, ONE), line(300), |_| LAYERED);
        allotment.room()
    };
    assert_eq!(room(&mut call), Bitrate::kbps(300 - 67), "of a silent one");
    speaks(&mut call, OTHER, 200);
    // 80 kbit/s when sent twice, as measured.
    let rest = room(&mut call).as_bps();
    assert!((190_000..=197_000).contains(&rest), "{rest}");
}

/// A browser takes little of what it may send for its voice, and fills the rest with pictures: with 107 kbit/s for both
/// it sends 83 of pictures at most, and 67 of voice, which is what the line takes.
#[test]
fn of_a_narrow_line_a_browser_is_told_what_it_leaves_its_voice() {
    for (kilobits, told) in [(150, 107), (67, 24), (40, 24), (500, 500), (2_000, 2_000)] {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        allotment.update(at(0), (&mut call, ONE), line(kilobits), |_| LAYERED);
        let most = most_for(at(1_000), &call, OTHER, [(ONE, Some(&allotment))]);
        assert_eq!(most, Bitrate::kbps(told), "{kilobits}");
    }
}
