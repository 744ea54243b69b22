//! Our side of a connection, from its socket to what the driving thread is handed.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Instant;

use anyhow::Context as _;
use vestibule_handshake::{Certificate, Credentials, Fingerprint};

use crate::media::{Spec, Streams};
use crate::sdp::Theirs;

/// What a person brings to a connection that is to be signalled.
pub(crate) struct Ours {
    began: Instant,
    socket: UdpSocket,
    certificate: Certificate,
    pub(crate) credentials: Credentials,
    /// Where we can be reached.
    pub(crate) candidate: SocketAddr,
}

impl Ours {
    /// Binds a socket for somebody who began to join then.
    pub(crate) fn bind(
        address: IpAddr,
        certificate: &Certificate,
        began: Instant,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind((address, 0))?;
        Ok(Self {
            began,
            candidate: socket.local_addr()?,
            socket,
            certificate: certificate.clone(),
            credentials: Credentials::random().map_err(io::Error::other)?,
        })
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }

    /// All that the connection needs, now that the server has described its side.
    ///
    /// # Errors
    /// When the server did not say where it can be reached.
    pub(crate) fn with(self, theirs: Theirs, sends: Option<Streams>) -> anyhow::Result<Spec> {
        let remote = theirs.candidates.first();
        Ok(Spec {
            began: self.began,
            socket: self.socket,
            remote: *remote.context("the server's description has no candidate")?,
            credentials: (self.credentials, theirs.credentials),
            certificate: self.certificate,
            fingerprint: theirs.fingerprint,
            numbers: theirs.numbers,
            sends,
            repairs: theirs.repairs,
            gate: None,
        })
    }
}
