//! The signaling side of the control link.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use vestibule_control::{FromSfu, ToSfu, decode, encode};

pub(crate) struct Link {
    stream: UnixStream,
    buffer: Vec<u8>,
    closed: bool,
}

impl Link {
    pub(crate) fn open(path: &Path, registry: &Registry, token: Token) -> Self {
        let mut stream = UnixStream::connect(path).unwrap();
        registry
            .register(&mut stream, token, Interest::READABLE)
            .unwrap();
        Self {
            stream,
            buffer: Vec::new(),
            closed: false,
        }
    }

    pub(crate) fn write(&mut self, message: &ToSfu) {
        self.write_bytes(&encode(message).unwrap());
    }

    pub(crate) fn write_bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(error) => panic!("the link cannot be written: {error}"),
            }
        }
    }

    /// The messages that came.
    pub(crate) fn read(&mut self) -> Vec<FromSfu> {
        let mut chunk = [0; 65536];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => {
                    self.closed = true;
                    break;
                }
                Ok(length) => self.buffer.extend(&chunk[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.closed = true;
                    break;
                }
            }
        }
        self.messages()
    }

    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    fn messages(&mut self) -> Vec<FromSfu> {
        let mut messages = Vec::new();
        while let Some((length, rest)) = self.buffer.split_first_chunk() {
            let length = u32::from_be_bytes(*length) as usize;
            let Some(body) = rest.get(..length) else {
                break;
            };
            messages.push(decode(body).unwrap());
            self.buffer.drain(..length + 4);
        }
        messages
    }
}
