//! One connection of a person: its socket, its handshakes, and its media when it is up.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Instant;

use mio::{Registry, Token};
use vestibule_handshake::{Certificate, Credentials, Fingerprint, Handshake, Output, Role, Up};
use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_srtp::{Inbound, Outbound};

use super::connection::{Media, Planned};

use super::first::First;
use super::gate::Gate;
use super::payload::Stamp;
use super::sender::Streams;
use super::socket::{Row, Socket};
use super::tally::Tally;
use crate::clock::Clock;
use crate::traffic::Traffic;

/// The payload types and header extensions that were agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) opus: u8,
    pub(crate) vp8: u8,
    pub(crate) rtx: u8,
    pub(crate) mid: Option<u8>,
    pub(crate) transport_cc: Option<u8>,
}

/// A connection that was signalled and can begin.
pub(crate) struct Spec {
    /// When the person began to join.
    pub(crate) began: Instant,
    /// Bound to the address that was signalled.
    pub(crate) socket: UdpSocket,
    pub(crate) remote: SocketAddr,
    /// Ours, and the server's.
    pub(crate) credentials: (Credentials, Credentials),
    pub(crate) certificate: Certificate,
    /// Of the server's certificate.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) numbers: Numbers,
    /// What is sent on it, if anything.
    pub(crate) sends: Option<Streams>,
    /// Streams that may be received, and those that repair them.
    pub(crate) repairs: Vec<(u32, u32)>,
    /// What is waited for before anything is sent, where people are admitted.
    pub(crate) gate: Option<Arc<Gate>>,
}

pub(super) struct Client {
    socket: Socket,
    local: SocketAddr,
    remote: SocketAddr,
    handshake: Handshake,
    began: Instant,
    first: First,
    begun: bool,
    gate: Option<Arc<Gate>>,
    /// When the handshakes have something to do by themselves. To ask them for it takes longer than all else that
    /// is looked at so often.
    due: Option<Instant>,
    /// What the handshakes' end makes media of.
    planned: Option<Planned>,
    media: Option<Media>,
    traffic: Traffic,
}

/// What a client needs from its surroundings to do something.
pub(super) struct Around<'a> {
    pub(super) now: u64,
    pub(super) clock: Clock,
    /// Packets that are sent now count.
    pub(super) counts: bool,
    pub(super) row: &'a mut Row,
    pub(super) tally: &'a mut Tally,
}

impl Around<'_> {
    /// What is sent now is stamped with.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            sent: self.clock.now(),
            counts: self.counts,
        }
    }

    /// Sends what was written: how many datagrams the kernel took, from the first on.
    pub(super) fn flush(&mut self, socket: &Socket) -> usize {
        socket.send_row(self.row)
    }

    /// Sends media that was not sent before: how many packets the kernel did not take.
    pub(super) fn flush_new(&mut self, socket: &Socket) -> usize {
        let written = self.row.len();
        let sent = self.flush(socket);
        let refused = written.saturating_sub(sent);
        if self.counts {
            self.tally.sent += sent as u64;
            self.tally.refused += refused as u64;
        }
        refused
    }
}

impl Client {
    pub(super) fn connect(
        spec: Spec,
        traffic: Traffic,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut socket = Socket::connect(spec.socket, spec.remote)?;
        socket.register(registry, token)?;
        let local = socket.local()?;
        let handshake = Handshake::new(
            Instant::now(),
            Role::Client,
            &[local],
            spec.credentials,
            &spec.certificate,
            spec.fingerprint,
        );
        let mut handshake = handshake.map_err(io::Error::other)?;
        handshake
            .add_remote(spec.remote)
            .map_err(io::Error::other)?;
        Ok(Self {
            socket,
            local,
            remote: spec.remote,
            handshake,
            began: spec.began,
            first: First::default(),
            begun: false,
            gate: spec.gate,
            due: None,
            planned: Some(Planned {
                numbers: spec.numbers,
                sends: spec.sends,
                repairs: spec.repairs,
            }),
            media: None,
            traffic,
        })
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Its port, and the server's.
    pub(super) fn ports(&self) -> (u16, u16) {
        (self.local.port(), self.remote.port())
    }

    pub(super) fn is_up(&self) -> bool {
        self.media.is_some()
    }

    /// Whether since the last call it came to be up and free to send.
    pub(super) fn begins(&mut self) -> bool {
        let open = |gate: &Arc<Gate>| gate.admitted().is_some();
        let free = self.is_up() && self.gate.as_ref().is_none_or(open);
        free && !std::mem::replace(&mut self.begun, true)
    }

    /// Whether its rhythms have begun.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn sends(&self) -> bool {
        self.media.as_ref().is_some_and(Media::sends)
    }

    /// How many streams it hears.
    pub(super) fn heard(&self) -> usize {
        self.media.as_ref().map_or(0, Media::heard)
    }

    /// Sends a packet of sound.
    pub(super) fn send_audio(&mut self, around: &mut Around<'_>) {
        if let Some(media) = &mut self.media {
            media.send_audio(&self.socket, around);
        }
    }

    /// Sends a burst of pictures' packets.
    pub(super) fn send_video(&mut self, around: &mut Around<'_>) {
        if let Some(media) = &mut self.media {
            media.send_video(self.traffic.burst, &self.socket, around);
        }
    }

    /// Takes a datagram that arrived then.
    pub(super) fn take(&mut self, datagram: &mut [u8], arrived: u64, around: &mut Around<'_>) {
        match protocol(datagram) {
            Some(Protocol::Rtp) => {
                if let Some(media) = &mut self.media {
                    let of_media = media.take_rtp(datagram, arrived, around);
                    if of_media && self.first.came(arrived) {
                        let since = arrived.saturating_sub(around.clock.nanos(self.began));
                        around.tally.first_packet.note(since);
                    }
                }
            }
            Some(Protocol::Rtcp) => {
                if let Some(media) = &mut self.media {
                    media.take_rtcp(datagram, &self.socket, around);
                }
            }
            Some(Protocol::Stun | Protocol::Dtls) => {
                let now = around.clock.instant(around.now);
                self.handshake
                    .handle_datagram(now, self.remote, self.local, datagram);
                self.collect(around);
            }
            None => around.tally.strange += 1,
        }
    }

    /// Looks at all timers, and writes what is due.
    pub(super) fn do_chores(&mut self, around: &mut Around<'_>) {
        let now = around.clock.instant(around.now);
        // The ICE library paces its checks for many candidates; browsers check one without a pause.
        let connects = self.media.is_none();
        if connects || self.due.is_some_and(|due| due <= now) {
            self.handshake.handle_timeout(now);
            self.collect(around);
        }
        let admitted = self.gate.as_ref().and_then(|gate| gate.admitted());
        if let Some(admitted) = admitted {
            let waited = self.first.after_admission(around.clock.nanos(admitted));
            waited.inspect(|waited| around.tally.admission.note(*waited));
        }
        if let Some(media) = &mut self.media {
            media.write_reports(self.traffic.feedback, &self.socket, around);
        }
    }

    /// Says goodbye.
    pub(super) fn close(&mut self) {
        self.handshake.close();
        while let Some(output) = self.handshake.poll() {
            if let Output::Transmit(transmit) = output {
                // What the kernel does not take now is lost, as on the way.
                let _ = self.socket.send(&transmit.bytes);
            }
        }
    }

    /// Takes what the handshakes have.
    fn collect(&mut self, around: &mut Around<'_>) {
        while let Some(output) = self.handshake.poll() {
            match output {
                Output::Transmit(transmit) => {
                    // What the kernel does not take now is lost, as on the way, and sent again.
                    let _ = self.socket.send(&transmit.bytes);
                }
                Output::Up(up) => {
                    self.media = self.up(&up, around);
                    if let Some(gate) = &self.gate {
                        gate.up.notify_one();
                    }
                }
                // There is one address on either side.
                Output::AddressChanged { .. } | Output::Reached(_) => {}
                Output::Down(_) => {
                    self.media = None;
                    around.tally.ended += 1;
                }
            }
        }
        self.due = self.handshake.next_timeout();
    }

    fn up(&mut self, up: &Up, around: &Around<'_>) -> Option<Media> {
        let planned = self.planned.take()?;
        let keys = (Inbound::new(&up.inbound), Outbound::new(&up.outbound));
        let (Ok(inbound), Ok(outbound)) = keys else {
            return None;
        };
        Some(Media::new(
            (inbound, outbound),
            planned,
            self.traffic,
            around.now,
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::Instant;

    use super::{Around, Row, Socket, Tally};
    use crate::clock::Clock;

    #[test]
    fn what_the_kernel_does_not_take_was_not_sent() {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let there = bind();
        let socket = Socket::connect(bind(), there.local_addr().unwrap()).unwrap();
        let (mut row, mut tally) = (Row::new(false), Tally::default());
        let around = &mut Around {
            now: 0,
            clock: Clock::starting(Instant::now()),
            counts: true,
            row: &mut row,
            tally: &mut tally,
        };
        let refused = [true, false].map(|open| {
            if !open {
                socket.shut();
            }
            (0..3).for_each(|_| around.row.add(|_| Some(9)));
            around.flush_new(&socket)
        });
        assert_eq!(refused, [0, 3]);
        around.row.add(|_| Some(9));
        assert_eq!(around.flush_new(&socket), 1);
        assert_eq!((tally.sent, tally.refused), (3, 4));
    }
}
