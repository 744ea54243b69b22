//! What is remembered of a leg.

use vestibule_congestion::Uplink;
use vestibule_forwarding::{Call, Moment, Seat};

use super::allotment::{Allotment, Camera};
use super::kept::Kept;
use super::mean::MeanLoss;
use crate::peer::Known;

/// It outlives the leg's peer.
#[derive(Default)]
pub(super) struct Ledger {
    /// What the leg published lately.
    pub(super) kept: Kept,
    /// What the leg gets of the others' pictures.
    pub(super) allotment: Allotment,
    /// What was lost of what the leg published, on the ways from here.
    pub(super) lost_beyond: MeanLoss,
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
    use vestibule_congestion::{Bitrate, Told};
    use vestibule_forwarding::Source;

    use super::Ledger;
    use crate::peer::Known;
    use crate::worker::allotment::tests::{LAYERED, ONE, OTHER, at, call_of, line, shows};

    /// Two seconds in which of each ten packets of what the leg sends so many are missing.
    fn sends(ledger: &mut Ledger, from: u64, missing: u32, kilobits: u64) {
        let told = Told {
            arrived: 10 - missing,
            missing,
        };
        for millis in (from..from + 2_000).step_by(50) {
            let now = at(millis);
            ledger.uplink.note(now, told, Bitrate::kbps(kilobits));
        }
    }

    #[test]
    fn who_is_sent_the_whole_picture_again_is_to_send_it_as_well() {
        let (mut call, mut ledger) = (call_of(2), Ledger::default());
        shows(&mut call, OTHER, Source::Camera);
        let narrow = Known {
            congested: true,
            ..line(150)
        };
        assert!(!ledger.allot(at(1_000), (&mut call, ONE), narrow, |_| LAYERED));
        sends(&mut ledger, 1_000, 9, 1_200);
        let later = ledger.allotment.next_timeout().unwrap();
        assert!(!ledger.allot(later, (&mut call, ONE), narrow, |_| LAYERED));
        assert!(ledger.allotment.is_small() && ledger.uplink.is_small());
        // What a slow device makes of a small picture is too little to tell that its line takes more.
        sends(&mut ledger, 3_000, 0, 70);
        let mut wide = || ledger.allot(at(5_000), (&mut call, ONE), line(1_000), |_| LAYERED);
        assert!(wide());
        assert!(!wide(), "once");
        assert!(!ledger.allotment.is_small() && !ledger.uplink.is_small());
    }
}
