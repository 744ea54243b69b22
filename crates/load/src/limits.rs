//! The limits of a load run, each with its reason.

use std::time::Duration;

/// Rooms at a time: what the SFU's control link lists in one message.
pub const ROOMS: u32 = 1000;

/// People of a room: what a call of the SFU seats.
pub const PEOPLE: u32 = 5;

/// How long the measured part may take: enough for a soak, and a forgotten run ends.
pub const SECONDS: u64 = 3600;

/// Rooms that join in a second. Each client costs a DTLS handshake on both sides.
pub const RAMP: u32 = 1000;

/// The largest RTP payload: what the SFU forwards, and fits an Ethernet frame with headers and tag.
pub const PAYLOAD_BYTES: usize = 1350;

/// The smallest payloads that hold a stamp, of sound and of pictures.
pub const AUDIO_BYTES_LEAST: usize = 16;
/// See [`AUDIO_BYTES_LEAST`].
pub const VIDEO_BYTES_LEAST: usize = 32;

/// Packets a second of one kind that a client sends: four times what cameras do.
pub const RATE: u32 = 2000;

/// Packets of one burst: a large key frame.
pub const BURST: u32 = 64;

/// Steps of `--find-max`: doubling from one room to a thousand takes ten, and halving what is left five.
pub const STEPS: u32 = 16;

/// The latest that a packet may be and goes well, in milliseconds: nobody talks with ten seconds between.
pub const P99_MS: f64 = 10_000.0;

/// All of it, in percent.
pub const PERCENT: f64 = 100.0;

/// Rounds of `--compare`. Each takes as long as a run.
pub const ROUNDS: u32 = 20;

/// What the SFU asks the kernel to keep of what came and is not taken yet, in bytes for each socket. It gets as much without
/// asking when it is run by root, and otherwise what `net.core.rmem_max` allows.
pub(crate) const RECEIVE_BUFFER: usize = 8 * 1024 * 1024;

/// The largest datagram that is written: a payload with headers and tag.
pub(crate) const DATAGRAM_BYTES: usize = 1500;

/// Datagrams that one system call sends: a usual burst.
pub(crate) const ROW: usize = 8;

/// Buffers that one system call fills: within a tick a client gets a burst, which comes as one, and sound or reports beside
/// it. Each buffer is described to the kernel whether it is filled or not.
pub(crate) const BATCH: usize = 4;

/// What the kernel may hand over as one: a row of datagrams of one sender.
pub(crate) const RECEIVE_BYTES: usize = 65_535;

/// The kernel's buffer of a client's socket: more than a second of what one client receives.
pub(crate) const SOCKET_BUFFER_BYTES: usize = 1024 * 1024;

/// Sockets that one look at the poll tells of.
pub(crate) const READY: usize = 1024;

/// How long a client that is up goes without a look at its timers: as often as browsers think about NACKs.
pub(crate) const CHORES: Duration = Duration::from_millis(20);

/// The same while it connects.
pub(crate) const CHORES_CONNECTING: Duration = Duration::from_millis(2);

/// How often reports are sent.
pub(crate) const REPORTS: Duration = Duration::from_secs(1);

/// Packets at the beginning of a stream that carry the mid; browsers stop when a report acknowledges them.
pub(crate) const MID_PACKETS: u64 = 100;

/// Packets of pictures that can be sent again, a power of two: 1.7 s of the usual traffic.
pub(crate) const HISTORY: usize = 256;

/// How long a packet that was sent again takes until the server can miss it once more. Below it a request is for the
/// same loss.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Packets that one report may have sent again: what is asked for beyond waits for the next report.
pub(crate) const RESENT: usize = 64;

/// How long rooms may take to join beyond the ramp, and then the last client until it receives from everybody.
pub(crate) const JOINING: Duration = Duration::from_secs(20);

/// How long a room of the product may take until the next one's turn, as one is admitted after the other: three times what
/// it takes on a slow disk.
pub(crate) const ADMITTING: Duration = Duration::from_millis(300);

/// The same of Janus, at which a person subscribes when the others of the room are up: three times what a room takes, most of
/// which are the 400 ms after which a client repeats what Janus did not hear yet.
pub(crate) const JANUS_ROOM: Duration = Duration::from_millis(1300);

/// From everybody's first packets to the measured part: key frames and estimates have settled.
pub(crate) const SETTLE: Duration = Duration::from_secs(1);

/// How long packets may still come when the measured part is over: a retransmission asked for several times.
pub(crate) const DRAIN: Duration = Duration::from_millis(500);

/// How long the server may take to start, to answer, and to end.
pub(crate) const SERVER: Duration = Duration::from_secs(15);

/// How long the server's metrics may take, and how many bytes they may have: sixty-four workers tell some 500 KiB.
pub(crate) const METRICS: Duration = Duration::from_secs(5);
/// See [`METRICS`].
pub(crate) const METRICS_BYTES: u64 = 1024 * 1024;

/// Bytes of an HTTP answer: a token or a session, and the headers.
pub(crate) const HTTP_ANSWER_BYTES: u64 = 64 * 1024;

/// The read buffer of a page's WebSocket: a snapshot of a short queue.
pub(crate) const PAGE_BUFFER_BYTES: usize = 4 * 1024;

/// The largest snapshot that is taken: nobody waits here but for a moment.
pub(crate) const SNAPSHOT_BYTES: usize = 256 * 1024;

/// What a stalled load tool catches up with. Beyond, packets are left out: a heap of old ones would be another load
/// than the one that was asked for.
pub const BACKLOG: Duration = Duration::from_millis(100);

/// Lateness against the schedule beyond which the load is not what was asked for: a tenth of a burst's interval.
pub(crate) const LATE: Duration = Duration::from_millis(3);

/// The share of its core above which the load tool is near its own limit.
pub(crate) const BUSY: f64 = 0.9;

/// The share of the cores that others may take before figures are doubted.
pub(crate) const NOISE: f64 = 0.03;

/// The same for what the hypervisor takes.
pub(crate) const STEAL: f64 = 0.01;

/// The length of the calibration's datagrams: a packet of pictures with its headers.
pub(crate) const CALIBRATION_BYTES: usize = 1140;

/// Datagrams of the calibration: half a second of them.
pub(crate) const CALIBRATION: u32 = 250;

/// How far apart they are.
pub(crate) const CALIBRATION_PACE: Duration = Duration::from_millis(2);

/// Datagrams that are sent and received in a row to learn what that costs: a tenth of a second.
pub(crate) const CALIBRATION_COSTS: u32 = 30_000;

/// Streams that one client receives: a server that uses more is not understood.
pub(crate) const STREAMS: usize = 64;
