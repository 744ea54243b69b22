//! What the client is told of what left, and what it tells of what was lost of it.

use vestibule_forwarding::{Moment, Slot};
use vestibule_rtp::DoesNotFit;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, ReportBlock};

use super::Outgoing;
use crate::offer::slot_name;

impl Outgoing {
    /// Seals an RTCP compound packet: its length.
    pub(in crate::peer) fn seal_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        self.srtp.seal_rtcp(buffer, length).ok()
    }

    /// Whom reports and feedback come from: a stream that is always there.
    pub(in crate::peer) fn reporter(&self) -> u32 {
        self.slots.reporter()
    }

    /// Packets of a slot that were lost on their way to the client since the report before.
    pub(in crate::peer) fn lost(&mut self, block: &ReportBlock) -> Option<(Slot, u64)> {
        let slot = self.slot_of(block.ssrc)?;
        let state = self.slots.get_mut(slot)?;
        let lost = state.lost(block.cumulative_lost);
        (lost > 0).then_some((slot, lost))
    }

    /// Packets of sound that were lost on their way to the client, as what it tells of the line lets suppose: it reports
    /// on each stream only every few seconds.
    pub(in crate::peer) fn supposed_lost(&mut self) -> impl Iterator<Item = (Slot, u64)> {
        let part = self.departures.loss();
        let sound = self.slots.used().filter(|(slot, _)| !slot.is_video());
        sound
            .map(move |(slot, state)| (slot, state.suppose_lost(part)))
            .filter(|(_, lost)| *lost > 0)
    }

    /// Appends a sender report for each slot that anything was sent on.
    pub(in crate::peer) fn write_reports(
        &self,
        now: Moment,
        ntp: Ntp,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        for (slot, _, state) in self.slots.iter() {
            if let Some(state) = state
                && let Some(last) = state.last
            {
                compound.sender_report(&state.info(slot, last, now, ntp), &[])?;
            }
        }
        Ok(())
    }

    /// Appends the names of the slots that there are sender reports for, and of whom other reports come from: those that
    /// the answer told (RFC 3550 section 6.5.1, RFC 5576 section 6.1).
    pub(in crate::peer) fn write_names(
        &self,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        for (slot, ssrcs, state) in self.slots.iter() {
            let reported = state.is_some_and(|state| state.last.is_some());
            if reported || ssrcs.media == self.reporter() {
                compound.description(ssrcs.media, slot_name(slot.index()))?;
            }
        }
        Ok(())
    }
}
