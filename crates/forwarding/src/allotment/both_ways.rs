//! A leg's line, both ways.

use vestibule_congestion::{Known, Uplink};

use super::{Allotment, Camera};
use crate::{Call, Moment, Seat};

/// What is decided by what is known of the way to a leg, and of the way from it.
#[derive(Debug, Default)]
pub struct BothWays {
    /// What the leg gets of the others' pictures.
    pub allotment: Allotment,
    /// What is known of the way from it.
    pub uplink: Uplink,
}

impl BothWays {
    /// Decides anew what a receiver gets whose line is known ([`Allotment::update`]). Whether what the others get of it is to
    /// be decided as well: where its line is wide again one way, the other way is tried.
    pub fn allot(
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
