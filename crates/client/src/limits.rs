//! The limits of a native participant, each with its reason.

use std::time::Duration;

/// Epochs of which late application messages can still be opened.
pub(crate) const EPOCHS_KEPT: usize = 2;

/// Key packages whose private halves are kept: those on the shelf, and as many just replaced.
pub(crate) const KEY_PACKAGES_KEPT: usize = 8;

/// Key packages on the shelf: the practitioner may return that often without a round trip.
pub(crate) const KEY_PACKAGES_PUBLISHED: usize = 3;

/// Messages of one sender that may be missing between two: more is not a delay, it is an attack.
pub(crate) const RATCHET_STEPS: u32 = 64;

/// How long everybody's acknowledgement is waited for before the new key is used all the same.
pub(crate) const SWITCH: Duration = Duration::from_secs(1);

/// Acknowledgements kept that came before their epoch: one for each of four others, of this epoch
/// and the next.
pub(crate) const EARLY_KEPT: usize = 8;

/// Pages of a consultation that are remembered: fifty reloads of five people.
pub(crate) const PAGES_SEEN: usize = 250;

/// Characters of one chat message: a page of text, that fits an MLS message however it is escaped.
pub(crate) const CHAT_CHARS: usize = 2000;

/// Characters of a chat message's id: a UUID has 36.
pub(crate) const ID_CHARS: usize = 64;

/// Chat messages kept in memory: hours of writing.
pub(crate) const CHAT_KEPT: usize = 500;

/// Chat messages handed over in one piece.
pub(crate) const HISTORY_PER_MESSAGE: usize = 100;

/// How long a page that came takes history: whoever hands it over may be on a slow line.
pub(crate) const HISTORY: Duration = Duration::from_secs(60);

/// Bytes of one piece of history: three quarters of what one MLS message may have.
pub(crate) const HISTORY_BYTES: usize = 16 * 1024;

/// Messages that wait for their turn: twenty lines typed while offline, and what the group needs.
pub(crate) const OUTBOX: usize = 64;

/// Waits between attempts at the group's requests that fail, doubled each time up to the second.
pub(crate) const RETRY: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(4)];

/// Waits between attempts to reach the server, doubled each time up to the second.
pub(crate) const RECONNECT: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(3)];

/// From dialling to the welcome: longer than any handshake on a bad line.
pub(crate) const GREETING: Duration = Duration::from_secs(8);

/// One exchange over HTTP.
pub(crate) const HTTP: Duration = Duration::from_secs(10);

/// Bytes of an HTTP answer: a token or a session, and the headers.
pub(crate) const HTTP_ANSWER_BYTES: u64 = 64 * 1024;

/// Between signs of life; the server drops a socket that is silent for 20 s.
pub(crate) const PING: Duration = Duration::from_secs(5);

/// A ping without any answer for this long: the socket is dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);

/// How long what the owner asks for is kept while the server cannot be reached.
pub(crate) const ACTION: Duration = Duration::from_secs(30);

/// Requests without an answer at one time: a participant has a dozen at the very most.
pub(crate) const REQUESTS: usize = 64;

/// Commands of the owner that wait to be taken up.
pub(crate) const COMMANDS: usize = 16;

/// Events that wait for the owner. Behind it the participant waits too: what it must not lose is
/// small, and an owner who never looks has no use for more.
pub(crate) const EVENTS: usize = 256;

/// Opened frames that wait for the owner: five seconds of sound and picture. Then frames are dropped.
pub(crate) const FRAMES: usize = 512;

/// Messages from the peer connection that wait to be taken up: states, of which the last counts.
pub(crate) const PEER_EVENTS: usize = 32;

/// Waits between connections that failed, doubled each time up to the second.
pub(crate) const PEER_RETRY: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(4)];

/// From an answer to a connection; then another is made.
pub(crate) const CONNECTING: Duration = Duration::from_secs(8);

/// Others that can be received at one time: five participants without oneself.
pub(crate) const OTHERS: usize = 4;

/// Bytes of an RTP payload: under any path's MTU with all headers.
pub(crate) const PAYLOAD_BYTES: usize = 1100;

/// Packets by which a picture's packet may come late before its frame is given up: a key frame's worth.
pub(crate) const LATE_PACKETS: u16 = 256;

/// Between two requests for a whole picture: a round trip and the encoder's answer.
pub(crate) const KEY_FRAME_REQUESTS: Duration = Duration::from_millis(500);
