//! What a datagram of the client's does to its peer.

use std::net::SocketAddr;
use std::time::Instant;

use vestibule_forwarding::Source;
use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_rtp::limits::FEEDBACK_STATUSES;
use vestibule_rtp::rtcp::{self, Malformed};

use super::{Dropped, Event, Packet, Peer};

impl Peer {
    /// Takes a datagram; a packet of the client's tracks is handed on. What is not authentic changes nothing.
    pub(crate) fn receive<'d>(
        &mut self,
        now: Instant,
        (from, to): (SocketAddr, SocketAddr),
        datagram: &'d mut [u8],
    ) -> Result<Option<(Source, Packet<'d>)>, Dropped> {
        match protocol(datagram) {
            Some(Protocol::Rtp) => {
                let length = datagram.len();
                let media = self.media.as_mut().ok_or(Dropped::BeforeUp)?;
                let opened = media.incoming.open(self.timeline.moment(now), datagram);
                media.due_by(media.incoming.soonest());
                if opened.as_ref().is_err_and(Dropped::is_of_too_many_streams) {
                    self.go_down();
                }
                if opened.is_ok() {
                    self.note_source(now, from, length);
                }
                opened.map(Some)
            }
            Some(Protocol::Rtcp) => {
                let length = datagram.len();
                let taken = self.receive_rtcp(now, datagram);
                if taken.as_ref().is_err_and(Dropped::is_of_too_many_streams) {
                    self.go_down();
                }
                taken?;
                self.note_source(now, from, length);
                Ok(None)
            }
            Some(Protocol::Stun | Protocol::Dtls) => {
                let unheard = self.handshake.handle_datagram(now, from, to, datagram);
                self.collect(now);
                unheard.map_or(Ok(None), |why| Err(Dropped::Unheard(why)))
            }
            None => Err(Dropped::UnknownProtocol),
        }
    }

    /// Takes note of where authentic media came from, if media does not go there.
    fn note_source(&mut self, now: Instant, from: SocketAddr, bytes: usize) {
        if let Some(media) = self.media.as_mut().filter(|media| media.way.to != from) {
            media.incoming.wishes.elsewhere(self.timeline.moment(now));
            self.handshake.note_media(now, from, bytes);
            self.collect(now);
        }
    }

    fn receive_rtcp(&mut self, now: Instant, datagram: &mut [u8]) -> Result<(), Dropped> {
        let now = self.timeline.moment(now);
        let ntp = self.timeline.ntp(now);
        let media = self.media.as_mut().ok_or(Dropped::BeforeUp)?;
        media.due = None;
        let compound = media.incoming.open_rtcp(now, datagram)?;
        if media.tells(now) {
            self.events.push_back(Event::Missed);
        }
        let mut taken = Ok(());
        let (mut beyond, mut statuses) = (0, usize::from(FEEDBACK_STATUSES));
        let mut unknown = false;
        for part in rtcp::packets(compound) {
            match part.and_then(|part| within(&mut statuses, part)) {
                Ok(part) => {
                    unknown |= media.is_of_unknown_stream(&part);
                    beyond += media.take_part((now, ntp), &part, &mut self.events);
                }
                Err(why) => taken = Err(Dropped::Report(why)),
            }
        }
        // Last: what is asked for has all the room that there is.
        self.events.push_back(Event::Heard);
        if unknown {
            self.events.push_back(Event::UnknownReport);
        }
        if beyond > 0 {
            self.events.push_back(Event::AskedTooMuch(beyond));
        }
        taken
    }
}

/// A part, if it tells of no more packets than are left to tell of: each is looked at, and four octets tell of thousands.
fn within<'a>(left: &mut usize, part: rtcp::Packet<'a>) -> Result<rtcp::Packet<'a>, Malformed> {
    if let rtcp::Packet::TransportFeedback(feedback) = &part {
        let rest = left.checked_sub(feedback.statuses().len());
        *left = rest.ok_or(Malformed::Statuses)?;
    }
    Ok(part)
}
