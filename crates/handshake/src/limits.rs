//! The limits of a handshake, each with its reason.

use std::time::Duration;

/// Silence after which consent to send is gone (RFC 7675 section 5.1). A browser checks every few seconds; one
/// that was silent for so long has given the connection up itself.
pub const CONSENT: Duration = Duration::from_secs(30);

/// Remote addresses of one peer between two ICE restarts. A browser has a few interfaces, and a NAT may map it anew
/// now and then; each is remembered until the next restart.
pub const ADDRESSES: usize = 32;

/// Checks that are remembered, so that none is believed from a second address. A browser sends one in 2.5 seconds: these
/// are the last ten minutes, in 2 KB.
pub(crate) const CHECKS: usize = 256;

/// What the answer to a check fits: an address of IPv6 or the code for a conflict, a signature and a fingerprint are 84.
pub(crate) const ANSWER_BYTES: usize = 128;

/// What a check of ours fits: two fragments of at most 256 bytes (RFC 8839 section 5.4) and 72 bytes beside.
pub(crate) const CHECK_BYTES: usize = 640;

/// The time between two checks of ours: a reasonable first guess of a round trip (RFC 8445 section 14.3 has half a second,
/// for whom nobody waits).
pub(crate) const CHECK_PAUSE: Duration = Duration::from_millis(100);

/// What an address that was not asked yet may be sent at most, however much came from it: some checks.
pub(crate) const CREDIT_BYTES: u32 = 2_000;

/// Datagrams with parts of handshake messages that wait for what is missing. A browser's longest flight has five; more
/// end the handshake.
pub const DTLS_DATAGRAMS: usize = 30;

/// The largest datagram that DTLS sends: the tunnels that people use leave at least so much.
pub(crate) const DTLS_BYTES: usize = 1150;

/// What the DTLS library's outputs fit as a rule: a datagram, a browser's certificate.
pub(crate) const DATAGRAM_BYTES: usize = 2048;

/// What one output of the DTLS library may take: a record of application data (RFC 6347 section 4.1).
pub(crate) const RECORD_BYTES: usize = 20 * 1024;

/// The time before a DTLS flight is sent again for the first time; then twice as long each time. The path was just proved by
/// ICE, so what is missing is lost, and waiting would be felt (RFC 9147 section 5.8.2 has 400 ms, browsers have 50 ms). A line
/// with a longer round trip carries a few copies of at most a kilobyte for nothing.
pub(crate) const DTLS_RETRY: Duration = Duration::from_millis(100);

/// How often a DTLS flight is sent again, of itself or as the other side says theirs again. The page begins anew before.
pub(crate) const DTLS_RETRIES: usize = 12;

const _: () = assert!(
    ADDRESSES <= u8::MAX as usize,
    "their places have eight bits"
);
