//! The media of a connection that is up.

use vestibule_rtp::rtcp::{self, Compound, Nack, ReportBlock};
use vestibule_rtp::{DoesNotFit, Via};
use vestibule_srtp::{Inbound, Outbound};

use super::client::{Around, Numbers};
use super::receiver::{Received, Receiver};
use super::sender::{Sender, Streams};
use super::socket::Socket;
use crate::clock::nanos;
use crate::limits::{REPORTS, RESENT};
use crate::traffic::Traffic;

/// What was agreed on before the connection is up.
pub(super) struct Planned {
    pub(super) numbers: Numbers,
    pub(super) sends: Option<Streams>,
    pub(super) repairs: Vec<(u32, u32)>,
}

pub(super) struct Media {
    inbound: Inbound,
    outbound: Outbound,
    sender: Option<Sender>,
    receiver: Receiver,
    nack: bool,
    reports_due: u64,
}

/// The name that all streams of a client belong to.
const CNAME: &str = "load";

/// Whom reports come from where nothing is sent; browsers use one as well.
const RECEIVER: u32 = 1;

/// Report blocks in one report: the streams of four others, with room.
const BLOCKS: usize = 16;

impl Media {
    pub(super) fn new(
        (inbound, outbound): (Inbound, Outbound),
        planned: Planned,
        traffic: Traffic,
        now: u64,
    ) -> Self {
        let Planned {
            numbers,
            sends,
            repairs,
        } = planned;
        Self {
            inbound,
            outbound,
            sender: sends.map(|streams| Sender::new(&streams, numbers, traffic)),
            receiver: Receiver::new(numbers, repairs, traffic.nack),
            nack: traffic.nack,
            reports_due: now + nanos(REPORTS),
        }
    }

    pub(super) fn sends(&self) -> bool {
        self.sender.is_some()
    }

    /// How many streams were heard.
    pub(super) fn heard(&self) -> usize {
        self.receiver.heard()
    }

    pub(super) fn send_audio(&mut self, socket: &Socket, around: &mut Around<'_>) {
        let Some(sender) = &mut self.sender else {
            return;
        };
        let (stamp, srtp) = (around.stamp(), &mut self.outbound);
        around
            .row
            .add(|buffer| sender.write_audio(stamp, srtp, buffer));
        around.flush_new(socket);
    }

    pub(super) fn send_video(&mut self, packets: u32, socket: &Socket, around: &mut Around<'_>) {
        let Some(sender) = &mut self.sender else {
            return;
        };
        sender.begin_picture();
        let mut stamp = around.stamp();
        let at = stamp.sent;
        for left in (0..packets).rev() {
            let (head, srtp) = ((at, left == 0), &mut self.outbound);
            around
                .row
                .add(|buffer| sender.write_video(head, stamp, srtp, buffer));
            if around.row.is_full() {
                sender.refused(around.flush_new(socket));
                stamp = around.stamp();
            }
        }
        sender.refused(around.flush_new(socket));
    }

    /// Whether it is of media that a client sent, and came for the first time.
    pub(super) fn take_rtp(
        &mut self,
        datagram: &mut [u8],
        arrived: u64,
        around: &mut Around<'_>,
    ) -> bool {
        let Ok(opened) = self.inbound.open_rtp(datagram) else {
            around.tally.strange += 1;
            return false;
        };
        let tally = &mut around.tally;
        let received = self.receiver.take(&opened.packet, datagram, arrived);
        match received {
            Received::New(stamp, via) if stamp.counts => {
                tally.delivered += 1;
                tally.repaired += u64::from(via == Via::Retransmission);
                tally.latency.note(arrived.saturating_sub(stamp.sent));
            }
            Received::New(..) | Received::Padding => {}
            Received::Again => tally.repeated += 1,
            Received::Strange => tally.strange += 1,
        }
        matches!(received, Received::New(..))
    }

    pub(super) fn take_rtcp(
        &mut self,
        datagram: &mut [u8],
        socket: &Socket,
        around: &mut Around<'_>,
    ) {
        let compound = self
            .inbound
            .open_rtcp(datagram)
            .ok()
            .and_then(|length| datagram.get(..length));
        let Some(compound) = compound else {
            around.tally.strange += 1;
            return;
        };
        for part in rtcp::packets(compound).flatten() {
            match part {
                rtcp::Packet::SenderReport(report) => {
                    let (ssrc, ntp) = (report.info.ssrc, report.info.ntp);
                    self.receiver.sender_report(around.now, ssrc, ntp);
                }
                rtcp::Packet::Nack(nack) => self.send_again(&nack, socket, around),
                rtcp::Packet::PictureLoss(_) | rtcp::Packet::FullIntra(_) => {
                    if let Some(sender) = &mut self.sender {
                        sender.request_key_frame();
                    }
                }
                rtcp::Packet::ReceiverReport(_)
                | rtcp::Packet::Bye(_)
                | rtcp::Packet::TransportFeedback(_)
                | rtcp::Packet::Remb(_)
                | rtcp::Packet::Other { .. } => {}
            }
        }
    }

    /// Writes what is due, and sends it.
    pub(super) fn write_reports(
        &mut self,
        feedback: bool,
        socket: &Socket,
        around: &mut Around<'_>,
    ) {
        let now = around.now;
        let reports = feedback && now >= self.reports_due;
        if reports {
            self.reports_due = now + nanos(REPORTS);
        }
        let mut asked = 0;
        around.row.add(|buffer| {
            let mut compound = Compound::new(buffer);
            // Parts that do not fit are left out: whoever still lacks something asks again.
            if reports {
                let _ = self.append_reports(now, &mut compound);
            }
            let reporter = self.reporter();
            let requests = self.receiver.write_requests(now, reporter, &mut compound);
            asked = requests.unwrap_or_default();
            let length = compound.len();
            self.seal(buffer, length)
        });
        while feedback && !around.row.is_full() {
            let before = around.row.len();
            around.row.add(|buffer| {
                let reporter = self.reporter();
                let length = self.receiver.write_feedback(now, reporter, buffer)?;
                self.seal(buffer, length)
            });
            if around.row.len() == before {
                break;
            }
        }
        around.tally.asked += asked as u64;
        around.flush(socket);
    }

    /// Seals what is not empty.
    fn seal(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        if length == 0 {
            return None;
        }
        self.outbound.seal_rtcp(buffer, length).ok()
    }

    fn append_reports(&mut self, now: u64, compound: &mut Compound<'_>) -> Result<(), DoesNotFit> {
        let mut blocks = [ReportBlock::default(); BLOCKS];
        let filled = self.receiver.reports(now, &mut blocks);
        let blocks = blocks.get(..filled).unwrap_or_default();
        let mut reported = false;
        if let Some(sender) = &self.sender {
            for info in sender.reports(now) {
                compound.sender_report(&info, if reported { &[] } else { blocks })?;
                reported = true;
            }
        }
        let reporter = self.reporter();
        if !reported {
            compound.receiver_report(reporter, blocks)?;
        }
        compound.description(reporter, CNAME)?;
        Ok(())
    }

    fn reporter(&self) -> u32 {
        self.sender.as_ref().map_or(RECEIVER, Sender::microphone)
    }

    fn send_again(&mut self, nack: &Nack<'_>, socket: &Socket, around: &mut Around<'_>) {
        let Some(sender) = &mut self.sender else {
            return;
        };
        if !self.nack || nack.media != sender.camera() {
            return;
        }
        for sequence in nack.sequences().take(RESENT) {
            let (now, srtp) = (around.now, &mut self.outbound);
            around
                .row
                .add(|buffer| sender.write_again(now, sequence, srtp, buffer));
            if around.row.is_full() {
                around.tally.answered += around.flush(socket) as u64;
            }
        }
        around.tally.answered += around.flush(socket) as u64;
    }
}
