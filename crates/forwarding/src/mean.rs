//! What of a leg's tracks was lost behind here, as the mean of all who receive it.

use crate::Source;
use crate::limits::LAYERS;

/// The losses of a leg's tracks that make no whole packet of the mean yet. Each receiver tells of a few packets at a time: shared
/// out one by one, those of four would be none.
#[derive(Debug, Default)]
pub struct MeanLoss {
    microphone: u64,
    camera: [u64; LAYERS],
    screen: u64,
}

impl MeanLoss {
    /// One of so many receivers lost some packets: by how many more that makes the mean.
    pub fn add(&mut self, (source, layer): (Source, u8), packets: u64, receivers: u64) -> u64 {
        let rest = match source {
            Source::Microphone => Some(&mut self.microphone),
            Source::Camera => self.camera.get_mut(usize::from(layer)),
            Source::Screen => Some(&mut self.screen),
        };
        let Some(rest) = rest else { return 0 };
        let receivers = receivers.max(1);
        let all = rest.saturating_add(packets);
        *rest = all % receivers;
        all / receivers
    }
}

#[cfg(test)]
mod tests {
    use crate::Source;

    use super::MeanLoss;

    #[test]
    fn what_several_lose_in_small_amounts_adds_up_to_the_mean() {
        for receivers in 1..=4 {
            for lost in 1..=7 {
                let mut mean = MeanLoss::default();
                let reports = 100 * receivers;
                let told: u64 = (0..reports)
                    .map(|_| mean.add((Source::Microphone, 0), lost, receivers))
                    .sum();
                assert_eq!(told, 100 * lost, "{lost} each of {receivers}");
            }
        }
    }

    #[test]
    fn each_track_and_layer_has_losses_of_its_own() {
        let mut mean = MeanLoss::default();
        let tracks = [
            (Source::Microphone, 0),
            (Source::Camera, 0),
            (Source::Camera, 2),
            (Source::Screen, 0),
        ];
        for share in [0, 0, 0, 1] {
            for track in tracks {
                assert_eq!(mean.add(track, 1, 4), share, "{track:?}");
            }
        }
    }
}
