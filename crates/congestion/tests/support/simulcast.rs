//! What a forwarding server sends: of each camera one layer, as the line allows.

use vestibule_congestion::{Allocation, Bitrate, Moment, Wish, Wishes, wanted};

const AUDIO: Bitrate = Bitrate::kbps(40);

pub(crate) struct Simulcast {
    allocation: Allocation,
    wishes: Wishes,
    /// When layers changed, in microseconds.
    pub(crate) switches: Vec<u64>,
}

impl Simulcast {
    /// Cameras of 150, 500 and 1,500 kbit/s.
    pub(crate) fn new(cameras: usize) -> Self {
        let layers = [150, 500, 1500].map(|kbps| Some(Bitrate::kbps(kbps)));
        let camera = Wish {
            priority: 1,
            layers,
            useful: 3,
        };
        let mut wishes = Wishes::default();
        wishes
            .iter_mut()
            .take(cameras)
            .for_each(|wish| *wish = Some(camera));
        Self {
            allocation: Allocation::default(),
            wishes,
            switches: Vec::new(),
        }
    }

    pub(crate) fn wanted(&self) -> Bitrate {
        wanted(AUDIO, &self.wishes)
    }

    pub(crate) fn choose(&mut self, now: Moment, target: Bitrate) {
        if self.allocation.update(now, target, AUDIO, &self.wishes) {
            self.switches.push(now.as_micros());
        }
    }

    /// The first camera's layer.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.allocation.layers()[0]
    }

    /// What all layers together take.
    pub(crate) fn kbps(&self) -> f64 {
        let given = self.allocation.layers().iter().zip(&self.wishes);
        let bitrates = given.filter_map(|(layer, wish)| Some(wish.as_ref()?.bitrate(*layer)));
        bitrates.fold(Bitrate::ZERO, Bitrate::plus).as_f64() / 1000.0
    }
}
