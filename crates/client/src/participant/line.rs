//! The line to the server: dialled when the back-off allows it, given up when nothing is heard on it. It
//! knows no clock: time is an argument.

use std::future::pending;
use std::time::Instant;

use tokio::task::JoinHandle;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::ServerMessage;

use crate::Error;
use crate::group::Backoff;
use crate::limits::{PING, RECONNECT, SILENCE};
use crate::socket::Socket;

/// Up by a socket, or on the way to be.
pub(super) struct Line<S = Socket> {
    state: State<S>,
    backoff: Backoff,
    /// When the server was last heard.
    heard: Instant,
}

enum State<S> {
    /// Nothing is tried before the back-off allows it.
    Down,
    Dialling(JoinHandle<Result<S, Error>>),
    Up(Box<S>),
}

/// What a line brings.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub(super) enum Incoming {
    Message(Result<ServerMessage, Error>),
    Dialled(Result<Socket, Error>),
}

/// What a line needs, once in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// It is not up.
    Nothing,
    /// A question, so that the server shows itself.
    Ping,
    /// To be given up: an answer would have come.
    GiveUp,
}

impl<S: Send + 'static> Line<S> {
    /// Down; it may be dialled at once.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: State::Down,
            backoff: Backoff::new(RECONNECT),
            heard: now,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// When it may be dialled, if it waits for that.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        match self.state {
            State::Down => self.backoff.until(),
            State::Dialling(_) | State::Up(_) => None,
        }
    }

    /// Begins to dial, if it is time.
    pub(super) fn dial_when_due<F>(&mut self, now: Instant, dial: impl FnOnce() -> F)
    where
        F: Future<Output = Result<S, Error>> + Send + 'static,
    {
        if matches!(self.state, State::Down) && !self.backoff.blocks(now) {
            self.state = State::Dialling(tokio::spawn(dial()));
        }
    }

    /// It was dialled, and the server greeted.
    pub(super) fn up(&mut self, socket: S, now: Instant) {
        self.state = State::Up(Box::new(socket));
        self.heard = now;
        self.backoff.succeed();
    }

    /// It was lost, or could not be dialled.
    pub(super) fn down(&mut self, now: Instant) {
        self.state = State::Down;
        self.backoff.fail(now, None);
    }

    /// The server said something.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// What it needs; asked for every [`PING`]. The last answer is as old as the last ping, and the next may
    /// take as long as a silence may.
    pub(super) fn care(&self, now: Instant) -> Care {
        if !self.is_up() {
            Care::Nothing
        } else if now.saturating_duration_since(self.heard) > PING + SILENCE {
            Care::GiveUp
        } else {
            Care::Ping
        }
    }
}

impl Line {
    /// The next thing that it brings; it may be waited for anew at any time.
    pub(super) async fn next(&mut self) -> Incoming {
        match &mut self.state {
            State::Down => pending().await,
            State::Up(socket) => Incoming::Message(socket.next().await),
            State::Dialling(dialling) => {
                let dialled = dialling.await;
                Incoming::Dialled(dialled.unwrap_or(Err(Error::Network)))
            }
        }
    }

    pub(super) async fn send(&mut self, id: u32, request: Request) -> Result<(), Error> {
        match &mut self.state {
            State::Up(socket) => socket.send(id, request).await,
            State::Down | State::Dialling(_) => Err(Error::Network),
        }
    }

    /// Says goodbye.
    pub(super) async fn close(&mut self) {
        if let State::Up(socket) = &mut self.state {
            socket.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::time::{Duration, Instant};

    use super::{Care, Line};
    use crate::limits::{PING, RECONNECT, SILENCE};

    const MOMENT: Duration = Duration::from_millis(1);

    fn up(now: Instant) -> Line<()> {
        let mut line = Line::new(now);
        line.up((), now);
        line
    }

    #[test]
    fn a_silent_server_is_asked_and_then_given_up() {
        let start = Instant::now();
        let line = up(start);
        assert_eq!(line.care(start + PING), Care::Ping);
        assert_eq!(line.care(start + PING + SILENCE), Care::Ping);
        assert_eq!(line.care(start + PING + SILENCE + MOMENT), Care::GiveUp);
    }

    #[test]
    fn whatever_the_server_says_shows_that_it_is_there() {
        let start = Instant::now();
        let mut line = up(start);
        let heard = start + PING + SILENCE;
        line.heard(heard);
        assert_eq!(line.care(heard + PING + SILENCE), Care::Ping);
        assert_eq!(line.care(heard + PING + SILENCE + MOMENT), Care::GiveUp);
    }

    #[test]
    fn the_silence_before_a_line_was_up_does_not_count() {
        let start = Instant::now();
        let mut line = Line::new(start);
        let later = start + 10 * SILENCE;
        assert_eq!(line.care(later), Care::Nothing);
        line.up((), later);
        assert_eq!(line.care(later + PING), Care::Ping);
        line.down(later + PING);
        assert_eq!(line.care(later + 10 * SILENCE), Care::Nothing);
    }

    #[tokio::test]
    async fn a_lost_line_is_dialled_anew_once_the_back_off_is_over() {
        let start = Instant::now();
        let mut line = up(start);
        let mut dialled = 0;
        let mut dial_at = |line: &mut Line<()>, now| {
            line.dial_when_due(now, || {
                dialled += 1;
                ready(Ok(()))
            });
            dialled
        };
        assert_eq!(dial_at(&mut line, start), 0, "it is up");
        line.down(start);
        let due = start + RECONNECT[0];
        assert_eq!(line.wake_at(), Some(due));
        assert_eq!(dial_at(&mut line, due - MOMENT), 0);
        assert_eq!(dial_at(&mut line, due), 1);
        assert_eq!(dial_at(&mut line, due), 1, "one at a time");
        assert_eq!(line.wake_at(), None);
        line.down(due);
        assert_eq!(line.wake_at(), Some(due + 2 * RECONNECT[0]), "it doubles");
        line.up((), due);
        line.down(due);
        assert_eq!(line.wake_at(), Some(due + RECONNECT[0]), "it begins anew");
    }
}
