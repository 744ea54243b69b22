//! What a client is told of its streams: what it is to send again, what it is reported of each, and what arrived when.

use vestibule_congestion::Told;
use vestibule_forwarding::limits::LAYERS;
use vestibule_forwarding::{Moment, Source};
use vestibule_rtp::DoesNotFit;
use vestibule_rtp::rtcp::{Compound, ReportBlock};

use super::Incoming;
use super::streams::Role;

/// Streams that one report tells of: microphone, screen and the layers of the camera, and for each one that was there
/// before it. What repairs them is not reported on.
const REPORTED: usize = 2 * (2 + LAYERS);

impl Incoming {
    /// Appends what is asked for again, or does as if when nothing may be asked. Tells the tracks that only a key frame
    /// mends.
    pub(in crate::peer) fn write_requests(
        &mut self,
        now: Moment,
        reporter: u32,
        may_ask: bool,
        compound: &mut Compound<'_>,
        mut broken: impl FnMut(Source, u8),
    ) -> Result<(), DoesNotFit> {
        let highest = self.highest;
        for stream in self.streams.iter_mut().filter(|it| !it.role.repairs) {
            let Role { source, layer, .. } = stream.role;
            let of_use =
                source != Source::Camera || highest.is_some_and(|highest| layer <= highest);
            if stream.arrivals.next_timeout().is_some_and(|due| due <= now) {
                // What is told counts as asked for: it is left for the next report. An empty one has room for all.
                if !compound.is_empty() && !compound.has_room_to_ask(stream.arrivals.missing()) {
                    return Ok(());
                }
                let wanted = stream.arrivals.requests(now);
                let asked = wanted.iter().copied().filter(|_| may_ask && of_use);
                compound.nack(reporter, stream.ssrc, asked)?;
            }
            if stream.arrivals.poll_key_frame() && of_use {
                broken(stream.role.source, stream.role.layer);
            }
        }
        Ok(())
    }

    /// Appends what is reported on each track's stream.
    pub(in crate::peer) fn write_reports(
        &mut self,
        now: Moment,
        reporter: u32,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        let mut blocks = [ReportBlock::default(); REPORTED];
        let mut count = 0;
        let streams = self.streams.iter_mut().rev();
        let reports = streams.filter_map(|it| it.arrivals.report(now, it.ssrc));
        for (place, block) in blocks.iter_mut().zip(reports) {
            *place = block;
            count += 1;
        }
        compound.receiver_report(reporter, blocks.get(..count).unwrap_or_default())?;
        Ok(())
    }

    /// Writes feedback on what arrived when, if it is due: its length.
    pub(in crate::peer) fn write_feedback(
        &mut self,
        now: Moment,
        reporter: u32,
        buffer: &mut [u8],
    ) -> Option<(usize, Told)> {
        // What is of no track arrived all the same, and has to be told, or it would be due for ever.
        let media = self.streams.iter().next().map_or(0, |stream| stream.ssrc);
        self.feedback.next_timeout().filter(|due| *due <= now)?;
        let length = self.feedback.build(now, reporter, media, buffer)?;
        let vestibule_rtp::Told { arrived, missing } = self.feedback.last();
        Some((length, Told { arrived, missing }))
    }
}
