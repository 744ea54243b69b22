//! The limits of the SFU, each with its reason. What a call may hold is in `vestibule_forwarding::limits`.

use std::time::Duration;

use vestibule_forwarding::limits::LEGS;
use vestibule_srtp::Profile;

/// Calls at a time: several times what two cores carry, and a `hello` with these still fits a frame.
pub(crate) const CALLS: usize = 1000;

/// The largest offer. Chromium's twelve media sections with every codec that it knows take 45 KB.
pub(crate) const SDP_BYTES: usize = 64 * 1024;

/// The most lines of an offer. Chromium's has some 1,500.
pub(crate) const SDP_LINES: usize = 4096;

/// The longest line of an offer. The longest that browsers write is the list of payload types.
pub(crate) const SDP_LINE_BYTES: usize = 1024;

/// Addresses that the SFU tells in an answer. More only make the browser's checks slower.
pub(crate) const CANDIDATES: usize = 8;

/// Remote addresses of one peer between two ICE restarts. A browser has a few interfaces, and a NAT
/// may map it anew now and then; each address is one more candidate pair to walk through.
pub(crate) const ADDRESSES_PER_PEER: usize = 32;

/// Checks of one sender that may turn out as not authentic in [`GUESS_WINDOW`], each of which costs a hash. A browser's
/// fail for a moment when an ICE restart crosses them, some ten a second.
pub(crate) const GUESSES: u32 = 50;
/// See [`GUESSES`].
pub(crate) const GUESS_WINDOW: Duration = Duration::from_secs(1);

/// Places that senders of such checks share: forged sources get 25,600 hashes a second together, some hundredths of a
/// core.
pub(crate) const GUESS_PLACES: usize = 512;

/// Calls that signaling is told of in a second that a panic ended, to have others in their place: one that panics on each
/// try would keep both busy for ever. The others are told of in the seconds after.
pub(crate) const FAILED_PER_SECOND: usize = 64;

/// How long a worker pauses after a panic outside of any call: one that comes back at once takes no whole core.
pub(crate) const PANIC_PAUSE: Duration = Duration::from_millis(100);

/// Connections to the metrics at a time: a scraper opens one.
pub(crate) const METRICS_CONNECTIONS: usize = 4;

/// The longest request for metrics. Scrapers send a few hundred bytes.
pub(crate) const METRICS_REQUEST_BYTES: usize = 4096;

/// How long a request for metrics and its answer may take.
pub(crate) const METRICS_PATIENCE: Duration = Duration::from_secs(5);

/// How long it takes until a port that was taken is tried again: an SFU that is being replaced has it for a moment.
pub(crate) const METRICS_RETRY: Duration = Duration::from_secs(5);

/// How long a client that begins to send from a new address is not asked for key frames where it was. Media goes to the new
/// one once it answered from there: two round trips of a slow line.
pub(crate) const MOVE_WITHIN: Duration = Duration::from_secs(1);

/// After how long what comes from where no media goes counts as another move. Who sends from two addresses is asked a
/// second late once in that time.
pub(crate) const MOVE_AGAIN: Duration = Duration::from_secs(10);

/// Streams that one peer may send on over its life: a browser has nine (sound; three layers and a screen, each with
/// its repairs), and new ones only when it starts an encoder anew under another SSRC. Each is remembered for as long
/// as the peer lives.
pub(crate) const STREAMS_PER_PEER: usize = 64;

/// The largest RTP payload that is forwarded. Browsers keep whole packets below 1,200 bytes; headers, the
/// retransmission's two bytes and SRTP's sixteen must still fit an Ethernet frame.
pub(crate) const PAYLOAD_BYTES: usize = 1350;

/// The largest datagram that is sent: a payload with its headers, and SRTP's tag.
pub(crate) const OUTGOING_BYTES: usize = 1500;

/// The largest report before it is sealed: SRTCP adds a tag and an index, and what does not fit would be lost as a whole.
pub(crate) const REPORT_BYTES: usize = OUTGOING_BYTES - Profile::AeadAes256Gcm.rtcp_overhead();

/// Datagrams to one address that leave by one system call: more than three bursts of a camera.
pub(crate) const ROW_DATAGRAMS: usize = 16;

/// Addresses for which datagrams wait at a time: as many as a wake serves, with [`DATAGRAMS_PER_WAKE`] in bursts of
/// two and more.
pub(crate) const OUTGOING_ROWS: usize = 32;

/// The largest datagram, or row of datagrams that the kernel hands over as one.
pub(crate) const DATAGRAM_BYTES: usize = 65_535;

/// Buffers that are filled by one system call.
pub(crate) const DATAGRAM_BATCH: usize = 8;

/// Datagrams that are taken before timers and sending get their turn.
pub(crate) const DATAGRAMS_PER_WAKE: usize = 64;

/// The longest that a busy worker lets packets gather before it takes them: a tenth of what people could notice
/// beside the jitter of any line.
pub(crate) const GATHER_WAIT: Duration = Duration::from_micros(500);

/// Packets that a busy worker likes to take in one wake.
pub(crate) const GATHER_PACKETS: u32 = 48;

/// Packets a second below which a worker takes each as it comes: at this rate a wait of [`GATHER_WAIT`] brings
/// two together.
pub(crate) const GATHER_FROM_RATE: u32 = 4000;

/// The kernel's buffer for what came and was not taken yet. It counts some 2,300 bytes for each packet, and twice what is
/// asked for: with this, a worker of 400 consultations may be away for 45 ms.
pub(crate) const RECEIVE_BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// With less than this the operator is told: with this, a worker of 200 consultations may be away for 45 ms.
pub(crate) const RECEIVE_BUFFER_LEAST: usize = 4 * 1024 * 1024;

/// The kernel's buffer for what is sent and did not leave yet.
pub(crate) const SEND_BUFFER_BYTES: usize = 1024 * 1024;

/// How long a worker may find more than it takes before it is said to be behind: longer than a key frame of each of its
/// calls at a time keeps it busy.
pub(crate) const BEHIND_FOR: Duration = Duration::from_millis(20);

/// What a peer may have for the outside at a time: a lost burst that a client asks for, packet by packet. What a
/// report asks for beyond is left out.
pub(crate) const EVENTS_PER_PEER: usize = 512;

/// Packets that a client may ask for again in a second, for as long as it likes: several times what a camera at its best
/// sends. At once it may ask for [`EVENTS_PER_PEER`].
pub(crate) const ASKED_PER_SECOND: u32 = 2_000;

/// Octets of sound that a client may send in a second, with their headers, and at once after a pause: 640 kbit/s. Opus has
/// 510 kbit/s at most (RFC 6716 section 2.1.1), and a voice a tenth of it; as sound waits for nobody's line, more would
/// take it from the pictures of all others.
pub(crate) const SOUND_PER_SECOND: u32 = 80_000;

/// For how many of [`EVENTS_PER_PEER`] a peer keeps the room: what one datagram brings as a rule.
pub(crate) const EVENTS_KEPT: usize = 4;

/// The round trip to a client that has not told of one yet.
pub(crate) const ROUND_TRIP_GUESS: Duration = Duration::from_millis(50);

/// A longer round trip than this is not believed: nobody could talk over it.
pub(crate) const ROUND_TRIP_BELIEVED: Duration = Duration::from_secs(5);

/// Packets of pictures that wait for their turn to one client, and as many retransmissions: 140 KB, more than a key
/// frame of a camera.
pub(crate) const PACED_PACKETS: usize = 128;

/// Packets of a probe that leave in one wake.
pub(crate) const PROBES_PER_WAKE: usize = 32;

/// How often a publisher is told anew how much to send at most, when nothing changed; and when it may send more.
/// When it is to send less, it is told at once.
pub(crate) const LIMIT_REPEATED: Duration = Duration::from_secs(1);
/// See [`LIMIT_REPEATED`].
pub(crate) const LIMIT_RAISED: Duration = Duration::from_millis(200);

/// How often sender and receiver reports are sent: a receiver can show lips and sound together from the
/// first report on.
pub(crate) const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// A key frame that was asked for is there within this time, or the request or its first packet was lost: an encoder takes a frame's
/// time, and lines are slow that take half a second there and back.
pub(crate) const KEY_FRAME_ANSWER: Duration = Duration::from_millis(800);
/// How often a key frame that does not come is asked for again: of what is switched off none comes.
pub(crate) const KEY_FRAME_REPEATS: u8 = 2;

/// A client that told nothing of what it receives for this long lacks what was sent meanwhile, and asking for it again
/// is of no use: it is longer than a lost picture is kept, and than a receiver's longest pause between two reports, which
/// is half as long again as the second that they are apart (RFC 3550 section 6.2).
pub(crate) const MISSED_AFTER: Duration = Duration::from_millis(1600);
/// The same of a client that sends no feedback on transport, which comes many times a second: one report that is lost is no outage.
pub(crate) const MISSED_WITHOUT_FEEDBACK: Duration = Duration::from_millis(3200);

/// A client of which nothing came for this long was cut off: sound comes many times a second, or twice where nobody
/// speaks, and senders keep what they sent for about as long.
pub(crate) const DARK_AFTER: Duration = Duration::from_secs(1);

/// Commands waiting for a worker. The control link waits when they are more.
pub(crate) const COMMANDS: usize = 256;

/// Reports waiting for the control link's task, from all workers: what a new signaling process is told at once, which is the state, the
/// slots, the layers and the redundancy of every leg there can be and two things of its call, and some for what happens meanwhile.
pub(crate) const REPORTS: usize = CALLS * (LEGS * 4 + 2) + 1024;

/// Messages waiting to be written to the control link. A signaling process that reads nothing while
/// this fills is stuck; it is cut off and told everything when it comes back.
pub(crate) const OUTBOX: usize = REPORTS;

/// How often counters are told while there is traffic.
pub(crate) const STATS_INTERVAL: Duration = Duration::from_secs(5);

/// How long the process stays without control link and without a connected peer: signaling is
/// restarted well within.
pub(crate) const ORPHAN_IDLE: Duration = Duration::from_secs(60);

/// How long the process stays without control link in any case: long enough to end a consultation.
pub(crate) const ORPHAN: Duration = Duration::from_secs(600);
