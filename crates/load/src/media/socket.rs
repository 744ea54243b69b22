//! A client's UDP socket: connected, many datagrams a system call, and each arrival dated by the kernel.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{self, IpAddr, SocketAddr};
use std::slice;
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};

use super::payload::Stamp;
use crate::clock::{Clock, Wallclock};
use crate::histogram::Histogram;
use crate::limits::{
    BATCH, CALIBRATION, CALIBRATION_COSTS, CALIBRATION_PACE, DATAGRAM_BYTES, RECEIVE_BYTES, ROW,
    SOCKET_BUFFER_BYTES,
};
use crate::machine::own_time;

pub(super) struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    remote: SocketAddr,
}

/// Datagrams that are sent by one system call, one behind the other in one buffer.
pub(super) struct Row {
    buffer: Box<[u8]>,
    /// Where each datagram ends.
    ends: [usize; ROW],
    filled: usize,
    /// Datagrams of one length leave as one, for the kernel to part.
    segmented: bool,
}

/// Buffers for what one system call brings.
pub(super) struct Inbox {
    buffers: [Box<[u8]>; BATCH],
    meta: [RecvMeta; BATCH],
    filled: usize,
}

impl Socket {
    /// A socket that from now on speaks with `remote` alone.
    pub(super) fn connect(socket: net::UdpSocket, remote: SocketAddr) -> io::Result<Self> {
        socket.connect(remote)?;
        socket.set_nonblocking(true)?;
        let io = UdpSocket::from_std(socket);
        let state = UdpSocketState::new((&io).into())?;
        // The kernel grants as much as its own limit allows; what it dropped is reported.
        let _ = state.set_recv_buffer_size((&io).into(), SOCKET_BUFFER_BYTES);
        Ok(Self { io, state, remote })
    }

    pub(super) fn local(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.io, token, Interest::READABLE)
    }

    /// Sends one datagram: whether the kernel took it. One that it did not take is lost, as on the way.
    pub(super) fn send(&self, datagram: &[u8]) -> bool {
        self.io.send(datagram).is_ok()
    }

    /// Sends all of a row and empties it: how many datagrams the kernel took, from the first on.
    pub(super) fn send_row(&self, row: &mut Row) -> usize {
        let sent = match (row.filled, row.segment()) {
            (0, _) => 0,
            (1, _) => usize::from(self.send(row.contents())),
            (_, Some(length)) if row.segmented => self.send_segmented(row, length),
            (_, Some(_) | None) => self.send_each(row),
        };
        row.filled = 0;
        sent
    }

    fn send_each(&self, row: &Row) -> usize {
        let slices: [IoSlice<'_>; ROW] = std::array::from_fn(|place| IoSlice::new(row.get(place)));
        let mut controls: [SendAncillaryBuffer<'_, '_, '_>; ROW] =
            std::array::from_fn(|_| SendAncillaryBuffer::default());
        let mut slices = slices.iter();
        let mut messages = controls.each_mut().map(|control| {
            let datagram = slices.next().map_or(&[][..], slice::from_ref);
            MMsgHdr::new(datagram, control)
        });
        match messages.get_mut(..row.filled) {
            None | Some([]) => 0,
            Some(messages) => sendmmsg(&self.io, messages, SendFlags::empty()).unwrap_or_default(),
        }
    }

    fn send_segmented(&self, row: &Row, length: usize) -> usize {
        let transmit = Transmit {
            destination: self.remote,
            ecn: None,
            contents: row.contents(),
            segment_size: Some(length),
            src_ip: None,
        };
        match self.state.try_send((&self.io).into(), &transmit) {
            Ok(()) => row.filled,
            Err(_) => 0,
        }
    }

    /// From now on the kernel takes nothing.
    #[cfg(test)]
    pub(super) fn shut(&self) {
        rustix::net::shutdown(&self.io, rustix::net::Shutdown::Write).unwrap();
    }

    /// Fills the inbox; false when there is no more for now.
    pub(super) fn receive(&self, inbox: &mut Inbox) -> bool {
        let mut slices = inbox
            .buffers
            .each_mut()
            .map(|buffer| IoSliceMut::new(buffer));
        let received = self
            .state
            .recv((&self.io).into(), &mut slices, &mut inbox.meta);
        match received {
            Ok(filled) => {
                inbox.filled = filled;
                filled == BATCH
            }
            Err(error) => {
                inbox.filled = 0;
                // The error of an earlier datagram; there may be more behind it.
                error.kind() != io::ErrorKind::WouldBlock
            }
        }
    }
}

impl Row {
    pub(super) fn new(segmented: bool) -> Self {
        Self {
            buffer: vec![0; ROW * DATAGRAM_BYTES].into_boxed_slice(),
            ends: [0; ROW],
            filled: 0,
            segmented,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == ROW
    }

    pub(super) fn len(&self) -> usize {
        self.filled
    }

    /// Has the next datagram written, which tells its length; one that was not written is left out.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        let begin = self.end(self.filled);
        let Some(buffer) = self.buffer.get_mut(begin..) else {
            return;
        };
        let buffer = match buffer.split_at_mut_checked(DATAGRAM_BYTES) {
            Some((buffer, _)) => buffer,
            None => buffer,
        };
        if let Some(place) = self.ends.get_mut(self.filled)
            && let Some(length) = write(buffer)
        {
            *place = begin + length;
            self.filled += 1;
        }
    }

    /// Where so many datagrams end.
    fn end(&self, datagrams: usize) -> usize {
        let last = datagrams.checked_sub(1);
        last.and_then(|last| self.ends.get(last).copied())
            .unwrap_or(0)
    }

    fn get(&self, place: usize) -> &[u8] {
        let range = self.end(place)..self.end(place + 1);
        let datagram = self.buffer.get(range).filter(|_| place < self.filled);
        datagram.unwrap_or_default()
    }

    fn contents(&self) -> &[u8] {
        self.buffer.get(..self.end(self.filled)).unwrap_or_default()
    }

    /// The length that all datagrams have, if they have one.
    fn segment(&self) -> Option<usize> {
        let length = self.end(1);
        let mut datagrams = (0..self.filled).map(|place| self.get(place).len());
        datagrams.all(|other| other == length).then_some(length)
    }
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            buffers: std::array::from_fn(|_| vec![0; RECEIVE_BYTES].into_boxed_slice()),
            meta: [RecvMeta::default(); BATCH],
            filled: 0,
        }
    }

    /// The datagrams that came, with the kernel's note of when.
    pub(super) fn datagrams(&mut self) -> impl Iterator<Item = (Option<Duration>, &mut [u8])> {
        let filled = self.meta.iter().zip(&mut self.buffers).take(self.filled);
        filled.flat_map(|(meta, buffer)| {
            let contents = buffer.get_mut(..meta.len).unwrap_or_default();
            let datagrams = contents.chunks_mut(meta.stride.max(1));
            datagrams.map(|datagram| (meta.timestamp, datagram))
        })
    }
}

/// When a datagram came, on the run's clock; `now` where the kernel does not tell.
pub(super) fn arrival(noted: Option<Duration>, wallclock: Wallclock, now: u64) -> u64 {
    noted.map_or(now, |noted| wallclock.arrival(noted).min(now))
}

/// What a datagram takes on this machine from one socket to another, without a server.
#[derive(Clone, Debug)]
pub(crate) struct Loopback {
    /// How long it is on the way, measured as it is in a run.
    pub(crate) latency: Histogram,
    /// Processor time of one call that sends and one that receives, in nanoseconds.
    pub(crate) cost: u64,
}

/// Sends datagrams from one socket to another.
pub(crate) fn calibrate(local: IpAddr, bytes: usize, clock: Clock) -> io::Result<Loopback> {
    let any = SocketAddr::new(local, 0);
    let (here, there) = (net::UdpSocket::bind(any)?, net::UdpSocket::bind(any)?);
    let (from, to) = (here.local_addr()?, there.local_addr()?);
    here.connect(to)?;
    there.connect(from)?;
    let cost = cost(&here, &there, bytes)?;
    let (here, there) = (Socket::connect(here, to)?, Socket::connect(there, from)?);
    let (mut datagram, mut inbox) = (vec![0; bytes.max(Stamp::BYTES)], Inbox::new());
    let mut latency = Histogram::default();
    for _ in 0..CALIBRATION {
        let stamp = Stamp {
            sent: clock.now(),
            counts: true,
        };
        if let Some(place) = datagram.first_chunk_mut() {
            *place = stamp.octets();
        }
        here.send(&datagram);
        std::thread::sleep(CALIBRATION_PACE);
        let (wallclock, now) = (clock.wallclock(), clock.now());
        there.receive(&mut inbox);
        for (noted, datagram) in inbox.datagrams() {
            if let Some(stamp) = Stamp::read(datagram) {
                latency.note(arrival(noted, wallclock, now).saturating_sub(stamp.sent));
            }
        }
    }
    Ok(Loopback { latency, cost })
}

fn cost(here: &net::UdpSocket, there: &net::UdpSocket, bytes: usize) -> io::Result<u64> {
    let mut datagram = vec![0; bytes];
    // What was sent is there when the call returns; should it be lost, nobody waits for it for long.
    there.set_read_timeout(Some(CALIBRATION_PACE))?;
    let begin = own_time();
    for _ in 0..CALIBRATION_COSTS {
        here.send(&datagram)?;
        let _ = there.recv(&mut datagram);
    }
    Ok((own_time() - begin) / u64::from(CALIBRATION_COSTS))
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::limits::ROW;

    fn row(lengths: &[usize]) -> Row {
        let mut row = Row::new(true);
        for length in lengths {
            row.add(|buffer| {
                buffer[..*length].fill(*length as u8);
                Some(*length)
            });
        }
        row
    }

    #[test]
    fn datagrams_lie_one_behind_the_other() {
        let mut row = row(&[3, 1, 2]);
        row.add(|_| None);
        assert_eq!(row.len(), 3);
        assert_eq!(row.contents(), [3, 3, 3, 1, 2, 2]);
        assert_eq!((row.get(1), row.get(3)), (&[1][..], &[][..]));
    }

    #[test]
    fn only_datagrams_of_one_length_leave_as_one() {
        assert_eq!(row(&[4, 4, 4]).segment(), Some(4));
        assert_eq!(row(&[4, 4, 3]).segment(), None);
        assert_eq!(row(&[4]).segment(), Some(4));
    }

    #[test]
    fn there_is_room_for_the_largest() {
        let mut row = Row::new(false);
        while !row.is_full() {
            row.add(|buffer| Some(buffer.len()));
        }
        assert_eq!(row.len(), ROW);
        row.add(|_| Some(1));
        assert_eq!(row.len(), ROW);
    }
}
