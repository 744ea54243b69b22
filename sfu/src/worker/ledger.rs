//! What is remembered of a leg.

use vestibule_congestion::Uplink;
use vestibule_forwarding::{Call, Moment, Seat};

use super::allotment::{Allotment, Camera};
use super::kept::Kept;
use crate::peer::Known;

/// It outlives the leg's peer.
#[derive(Default)]
pub(super) struct Ledger {
    /// What the leg published lately.
    pub(super) kept: Kept,
    /// What the leg gets of the others' pictures.
    pub(super) allotment: Allotment,
    /// What is known of the way from it.
    pub(super) uplink: Uplink,
}

impl Ledger {
    /// Decides anew what a receiver gets whose line is known ([`Allotment::update`]). Whether what the others get of it is to
    /// be decided as well: where its line is wide again one way, the other way is tried.
    pub(super) fn allot(
        &mut self,
        now: Moment,
        receiver: (&mut Call, Seat),
        line: Known,
        camera_of: impl Fn(Seat) -> Camera,
    ) -> bool {
        let small = self.allotment.is_small();
        self.allotment.update(now, receiver, line, camera_of);
        small && !self.allotment.is_small() && self.uplink.hope(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vestibule_congestion::{Bitrate, Told};
    use vestibule_forwarding::{Call, LegId, Moment, Packet, Seat, Source};

    use super::Ledger;
    use crate::peer::Known;
    use crate::worker::allotment::Camera;

    const ONE: Seat = Seat::ALL[0];
    const OTHER: Seat = Seat::ALL[1];
    const LAYERED: Camera = Camera {
        layers: 3,
        small: false,
    };

    fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    /// Two who talk to each other, of whom the other showed a second of pictures, of 1.2 Mbit/s.
    fn consultation() -> Call {
        let mut call = Call::default();
        let legs = [1, 2].map(LegId::from_random);
        call.set_plan(at(0), &legs, true, |_| {}).unwrap();
        for seat in [ONE, OTHER] {
            call.attach(at(0), seat, 1);
            call.connected(at(0), seat);
        }
        // A descriptor that begins a picture, and a key frame (RFC 7741 sections 4.2 and 4.3).
        let mut payload = [0; 1_000];
        payload[0] = 0x10;
        for sequence in 0..150 {
            let packet = Packet {
                ssrc: 7,
                layer: 0,
                sequence: 70_000 + sequence,
                timestamp: 0,
                payload: &payload,
            };
            let now = at(sequence * 1000 / 150);
            call.forward(now, OTHER, Source::Camera, &packet, |_| true);
        }
        call
    }

    /// Two seconds in which of each ten packets of what the leg sends so many are missing.
    fn sends(ledger: &mut Ledger, from: u64, missing: u32, kilobits: u64) {
        let told = Told {
            arrived: 10 - missing,
            missing,
        };
        for millis in (from..from + 2_000).step_by(50) {
            ledger
                .uplink
                .note(at(millis), told, Bitrate::kbps(kilobits));
        }
    }

    fn line(kilobits: u64, congested: bool) -> Known {
        Known {
            target: Bitrate::kbps(kilobits),
            congested,
        }
    }

    #[test]
    fn who_is_sent_the_whole_picture_again_is_to_send_it_as_well() {
        let (mut call, mut ledger) = (consultation(), Ledger::default());
        let narrow = line(150, true);
        assert!(!ledger.allot(at(1_000), (&mut call, ONE), narrow, |_| LAYERED));
        sends(&mut ledger, 1_000, 9, 1_200);
        let later = ledger.allotment.next_timeout().unwrap();
        assert!(!ledger.allot(later, (&mut call, ONE), narrow, |_| LAYERED));
        assert!(ledger.allotment.is_small() && ledger.uplink.is_small());
        // What a slow device makes of a small picture is too little to tell that its line takes more.
        sends(&mut ledger, 3_000, 0, 70);
        let wide = line(1_000, false);
        let mut now_wide = || ledger.allot(at(5_000), (&mut call, ONE), wide, |_| LAYERED);
        assert!(now_wide());
        assert!(!now_wide(), "once");
        assert!(!ledger.allotment.is_small() && !ledger.uplink.is_small());
    }
}
