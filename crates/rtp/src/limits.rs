//! The limits of reading, asking, keeping and answering, each with its reason.

use std::time::Duration;

/// Parts that are read of a compound RTCP packet. Browsers send fewer than ten; a datagram of nothing but
/// four-octet parts is no report.
pub const COMPOUND_PARTS: usize = 64;

/// Entries that are read of one NACK, each of up to 17 sequence numbers. libwebrtc's list holds 1,000 numbers:
/// 59 entries when they are in a row. Each number read costs a search in the history.
pub const NACK_ENTRIES: usize = 128;

/// The most statuses of a transport-wide feedback: four seconds of 1,000 packets each. A run of packets
/// that did not arrive takes two octets for 8,191, so that without a limit a small packet is a long walk.
pub const FEEDBACK_STATUSES: u16 = 4096;

/// Report blocks of one report: what its five bits can count (RFC 3550 section 6.4.1).
pub const REPORT_BLOCKS: usize = 31;

/// Octets of a chunk of the history: thirteen full packets, so that memory for a row of them is taken at a time, and
/// little is left over at its end.
pub const HISTORY_CHUNK: usize = 16 * 1024;

/// The most chunks of a history: 144 KB, at least 0.73 s of 1.5 Mbit/s. Two cameras with the index beside it stay
/// below the 350 KB of a consultation of two.
pub const HISTORY_CHUNKS: usize = 9;

/// Packets that a history can find, a power of two. 1.5 Mbit/s are 170 in a second.
pub const HISTORY_PACKETS: usize = 256;

/// How long a packet is kept for retransmission. What comes later than its picture was due still mends those that are
/// made from it, and libwebrtc asks for it ten times, a round trip apart: 2 s where a round trip takes 200 ms.
pub const HISTORY_AGE: Duration = Duration::from_secs(2);

/// The longest payload that is kept: what fits an Ethernet frame.
pub const HISTORY_PAYLOAD: usize = 1500;

/// Resent packets that are remembered of one receiver, a power of two: a loss of so many in a row is asked for
/// in one round trip. One that is forgotten may be resent once too often.
pub const RESENT_PACKETS: usize = 128;

/// How often one packet is resent to one receiver. On a line that loses it this often nothing helps.
pub const RESENT_TIMES: u8 = 10;

/// One octet may be resent for each so many that are sent: a half. Above, the path is congested and
/// retransmissions make it worse; a receiver's requests are its own to choose, so this bounds what it can
/// ask for.
pub const RESENT_SHARE: u64 = 2;

/// Octets that may be resent at once when nothing was for a while: a key frame that was lost whole.
pub const RESENT_BURST: u64 = 64 * 1024;

/// Octets that may be resent before anything was sent: the loss of the first packets.
pub const RESENT_ADVANCE: u64 = 16 * 1024;

/// How far back, in packets, a repeated packet is recognised and a late one is taken, a power of two. At 1,000
/// packets a second older ones are later than any jitter buffer waits.
pub const ARRIVAL_WINDOW: usize = 1024;

/// The widest gap that is believed to be loss (`MAX_DROPOUT` of RFC 3550 appendix A.1). Behind a wider one the
/// sender began anew, and so do the numbers of the reports.
pub const DROPOUT: u64 = 3000;

/// Missing packets that are asked for at a time: 0.75 s of 1.5 Mbit/s. When more are missing the picture is lost,
/// and a key frame mends it sooner.
pub const MISSING_PACKETS: usize = 128;

/// How often one packet is asked for. On a line that loses it this often nothing helps.
pub const REQUESTS: u8 = 10;

/// How long a packet that may only be late is waited for before it is asked for. Most reordering is shorter;
/// on an orderly line the second packet that comes behind the gap ends the wait.
pub const REORDERING: Duration = Duration::from_millis(10);

/// The most that is waited where packets come later than that: more would cost those that are lost too much.
pub const REORDERING_MOST: Duration = Duration::from_millis(40);

/// A line whose packets were late by less than this is orderly. Below, they came side by side.
pub const ORDERLY: Duration = Duration::from_millis(1);

/// The least time that an answer is given: on short ways the sender's own rhythm is longer than the way.
pub const ANSWER: Duration = Duration::from_millis(20);

/// What an answer may take beyond a round trip: packets stand in queues, and senders pace.
pub const ANSWER_SLACK: Duration = Duration::from_millis(10);

/// Of so many of the last packets it is looked how many are missing, and from how many on nothing is asked for: more than
/// a radio loses. The line takes less than half of what is sent then, and what was sent again would be lost as well, and
/// stand in the way of what is sent less: senders let it go first.
pub const FLOODED: (u64, usize) = (24, 13);

/// How long nothing is asked for then, before it is looked again.
pub const FLOODED_WAIT: Duration = Duration::from_millis(30);

/// The round-trip time before one was measured: longer than most, so that nothing is asked for twice too soon.
pub const ROUND_TRIP: Duration = Duration::from_millis(100);

/// How long a missing packet is asked for. A later one misses every jitter buffer, and senders forget it.
pub const GIVE_UP: Duration = Duration::from_secs(1);

/// Arrivals that are remembered for transport-wide feedback, a power of two: half of them are 50 ms of 50 Mbit/s, and all
/// of them a second of a camera at its best with a screen beside it.
pub const FEEDBACK_WINDOW: usize = 512;

/// Arrivals that there is room for at first, a power of two: six times as many as one camera with its sound brings between
/// two feedbacks. There is made more up to [`FEEDBACK_WINDOW`] where one would be forgotten before it was told.
pub const FEEDBACK_WINDOW_FIRST: usize = 128;

/// The least time between two feedbacks: what browsers send at their highest rates.
pub const FEEDBACK_LEAST: Duration = Duration::from_millis(50);

/// The most time between two feedbacks while packets arrive: an estimator that hears less reacts too late.
pub const FEEDBACK_MOST: Duration = Duration::from_millis(100);

/// How long it is not told that packets are missing behind the last one of a picture: two frames of 10 a second. An estimator
/// that hears of a loss later reacts too late.
pub const FEEDBACK_HELD: Duration = Duration::from_millis(200);

/// Packets that are worth a feedback: it takes some 70 octets on the wire, so that ten full packets keep it below
/// a hundredth of what they carry.
pub const FEEDBACK_PACKETS: u32 = 10;
