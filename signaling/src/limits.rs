//! The limits of signaling, each with its reason. Those of the wire stand in
//! [`vestibule_protocol::limits`], those of the rules in `vestibule_clinic::limits`.

use std::time::Duration;

use vestibule_vocab::Millis;

use crate::rate::Rate;

/// Connections to a SQLite store that only read: session look-ups beside a load after a failure.
pub const STORE_READERS: u32 = 2;

/// How long SQLite waits for a lock that another process holds, such as a backup.
pub const STORE_BUSY: Duration = Duration::from_secs(5);

/// Connections to a PostgreSQL store: one for the clinic task, some for sessions that are looked up or made. A small
/// server of theirs takes a hundred in all.
pub const STORE_CONNECTIONS: u32 = 8;

/// How long PostgreSQL keeps a transaction open that nobody goes on with: that of a server that vanished holds the
/// others up no longer.
pub const STORE_IDLE: Duration = Duration::from_secs(5);

/// Statements that a connection keeps prepared: each of ours, and those for many rows in each size of a group.
pub const STORE_STATEMENTS: usize = 320;

/// How long PostgreSQL works on one statement: none of ours takes a tenth of it.
pub const STORE_STATEMENT: Duration = Duration::from_secs(10);

/// Versions of the clinic that are noted: several minutes of a busy one, for a server that was held up to find what it
/// missed, and for a commit whose answer was lost to be found.
pub const VERSIONS: u64 = 10_000;

/// Every so many versions those that are too old are forgotten.
pub const VERSIONS_SWEPT: u64 = 64;

/// Rows that a server reads one by one to catch up: for more, reading everything anew takes no longer.
pub const MISSED_ROWS: usize = 500;

/// How often a server on a shared store says that it is there, and looks for what others wrote.
pub const BEAT: Duration = Duration::from_secs(1);

/// Looks in a row at which another server has not said that it is there, and is given up: a hiccup of the store, which
/// holds everybody up alike, does not count.
pub const MISSED_BEATS: u32 = 5;

/// How much later than due a server does what time brings, at the least and at the most, when another one wrote last:
/// that one is awake, and does it.
pub const TIMER_LAG: (Millis, Millis) = (Millis(500), Millis(2_000));

/// How long a request waits for a connection to the store before it is told `unavailable`.
pub const STORE_WAIT: Duration = Duration::from_secs(5);

/// A join token made from a walk-in link: it is exchanged by the same page at once.
pub const WALK_IN_TOKEN: Millis = Millis::from_secs(5 * 60);

/// A practitioner's printed link: a working day, and printed anew at each start.
pub const PRACTITIONER_TOKEN: Millis = Millis::from_secs(12 * 60 * 60);

/// A patient's session, from now or from the end of the appointment: a day of waiting at most, and a look at how it
/// ended.
pub const PATIENT_SESSION: Millis = Millis::from_secs(24 * 60 * 60);

/// How long an invitation to come along is good, after the appointment if there is one: until tomorrow, for whoever
/// reads messages once a day.
pub const INVITATION: Millis = Millis::from_secs(24 * 60 * 60);

/// A practitioner's session, on a device of the clinic that holds the key: a month of work before
/// another link is needed.
pub const PRACTITIONER_SESSION: Millis = Millis::from_secs(30 * 24 * 60 * 60);

/// How often somebody is told that their place changed and nothing else: a person reads no faster, and everybody behind
/// whoever was admitted would be told at once.
pub const PLACE_PACE: Millis = Millis::from_secs(1);

/// How often it is looked whether a service has opened or closed while somebody chooses one: soon enough for whoever waits
/// for it, and seldom enough for a look at all shifts.
pub const DOORS_PACE: Millis = Millis::from_secs(5);

/// Services that a patient chooses from, and practitioners of each: a page shows no more in a list, and whoever needs one
/// of the others comes by an appointment.
pub const OFFERED: usize = 50;

/// Places to which a practitioner can hand a visit on: each snapshot carries them, and so they stay some kilobytes.
pub const TRANSFERS: usize = 200;

/// Colleagues' requests that a practitioner is shown: nobody follows more at once, and the first ones come first.
pub const ASKED: usize = 20;

/// Messages that may wait to be sent on one socket: more than a page ever causes while it reads.
pub const OUTBOX_MESSAGES: usize = 512;

/// Bytes that may wait to be sent on one socket, the newest snapshot beside them: a whole MLS log
/// (1 MiB, four thirds of that in base64) fits once while the page still reads what came before.
pub const OUTBOX_BYTES: usize = 2 * 1024 * 1024;

/// From the upgrade to a hello: an honest page says it in milliseconds, a stalled one is closed.
pub const HELLO: Duration = Duration::from_secs(10);

/// Messages that are answered before a hello: one is enough, a few let a developer see their error.
pub const MESSAGES_BEFORE_HELLO: usize = 8;

/// How long one message may take to be written: a peer that reads nothing for so long is gone.
pub const SEND: Duration = Duration::from_secs(10);

/// How long the other side may take to answer a close.
pub const CLOSE: Duration = Duration::from_secs(2);

/// How long a socket that broke the protocol stays open for its last words to be read.
pub const LAST_WORDS: Duration = Duration::from_millis(500);

/// How often we ping: twice within [`SILENCE`], so that one lost answer costs nothing.
pub const HEARTBEAT: Duration = Duration::from_secs(8);

/// A socket that was silent for so long is gone, as the protocol says.
pub const SILENCE: Duration = Duration::from_secs(20);

/// The read buffer of a socket: most messages fit; tungstenite's own 128 KB would be most of what a
/// waiting patient costs.
pub const SOCKET_READ_BUFFER: usize = 4 * 1024;

/// What one socket may hold unsent inside the WebSocket library: the largest single message, a
/// practitioner's snapshot of 5,000 people waiting who wrote all they may.
pub const SOCKET_WRITE_BUFFER: usize = 16 * 1024 * 1024;

/// Refusals that a client brings upon itself before its socket is closed: twenty at once and one a
/// second, which a fault in a page may cause and a flood may not.
pub const PATIENCE: Rate = Rate {
    burst: 20,
    per_second: 1,
};

/// Messages of one session: opening a consultation takes about thirty at once, trickles after that.
pub const MESSAGES: Rate = Rate {
    burst: 120,
    per_second: 40,
};

/// Cells of an address limiter: 128 KB, and a hundredth of them shared by 160 addresses at once.
pub const RATE_CELLS: usize = 16 * 1024;

/// Events that wait for the clinic task: what 1,000 people do at the same moment.
pub const INBOX: usize = 1024;

/// How long a request waits for room in the inbox before it is told `unavailable`.
pub const INBOX_WAIT: Duration = Duration::from_secs(2);

/// Offers that wait for the SFU's answer at once: everybody of a hundred consultations returns at
/// the same moment.
pub const OFFERS: usize = 256;

/// How long the SFU may take to answer an offer: it takes milliseconds, and a client that was
/// refused tries again.
pub const OFFER: Duration = Duration::from_secs(5);

/// Events that the clinic task takes at once: with one transaction a batch, a thousand arrivals cost
/// four of them.
pub const BATCH: usize = 256;

/// The first wait after a batch that was not stored, doubled up to
/// [`RECOVERY_PAUSE_LONGEST`]: a full disk does not get better by hammering.
pub const RECOVERY_PAUSE: Duration = Duration::from_millis(50);

/// The longest wait between two attempts to load the state.
pub const RECOVERY_PAUSE_LONGEST: Duration = Duration::from_secs(2);

/// Messages that wait for the SFU to read them: a plan for each of a thousand calls, and offers.
pub const SFU_QUEUE: usize = 2048;

/// How long the SFU may take to read one message before it counts as dead.
pub const SFU_WRITE: Duration = Duration::from_secs(2);

/// How long an SFU that outlived signaling may take to say hello: it has nothing to start.
pub const SFU_ADOPTION: Duration = Duration::from_secs(1);

/// How long a new SFU process may take to say hello.
pub const SFU_START: Duration = Duration::from_secs(5);

/// How long the SFU may take to stop.
pub const SFU_STOP: Duration = Duration::from_secs(2);

/// The first wait before an SFU that died young is started again, doubled up to
/// [`SFU_PAUSE_LONGEST`]. One that had been steady is started again at once.
pub const SFU_PAUSE: Duration = Duration::from_millis(50);

/// The longest wait before another attempt to start an SFU.
pub const SFU_PAUSE_LONGEST: Duration = Duration::from_secs(2);

/// An SFU that lived for so long was not killed by its own start.
pub const SFU_STEADY: Duration = Duration::from_secs(1);

/// Pages and their parts from one address: a clinic behind one address loads twenty parts each for
/// twenty people at the same moment.
pub const PAGES: Rate = Rate {
    burst: 400,
    per_second: 200,
};

/// WebSockets opened from one address: a clinic's whole waiting room comes back after a restart.
pub const SOCKETS: Rate = Rate {
    burst: 200,
    per_second: 50,
};

/// Tokens and sessions asked for from one address; each session is a row in the store for a day.
pub const EXCHANGES: Rate = Rate {
    burst: 100,
    per_second: 5,
};

/// Sessions that are open at once: twice the 5,000 who may wait, and everybody who works.
pub const OPEN_SOCKETS: usize = 12_000;

/// Connections that the system takes in before the server comes to them: after a restart a whole waiting room comes back in
/// the same moment, and whoever finds no room tries again only after a second. The system may allow fewer
/// (`net.core.somaxconn`).
pub const LISTEN_QUEUE: i32 = 4_096;

/// How long a request's body may take to come in, and its answer to be made.
pub const REQUEST: Duration = Duration::from_secs(10);

/// How long a connection may take to send a request's head, and how long an idle one is kept.
pub const HEAD: Duration = Duration::from_secs(10);

/// How long a TLS handshake may take.
pub const TLS_HANDSHAKE: Duration = Duration::from_secs(8);

/// The largest head of a request: browsers send one or two kilobytes.
pub const HEAD_BYTES: usize = 16 * 1024;

/// How long a self-signed certificate is good: browsers refuse longer ones than 398 days.
pub const SELF_SIGNED: Millis = Millis::from_secs(397 * 24 * 60 * 60);

/// The age at which a self-signed certificate is made anew at a start.
pub const SELF_SIGNED_RENEWAL: Millis = Millis::from_secs(300 * 24 * 60 * 60);

/// How far the clocks of two machines are expected to differ.
pub const CLOCK_DIFFERENCE: Millis = Millis::from_secs(24 * 60 * 60);

/// From which difference on the clock was set: it is steered by less than a thousandth, and graces are minutes.
pub const CLOCK_STEP: Millis = Millis(1_000);

/// Between the looks at two clocks there passes less than this, or they are not compared: a fraction of [`CLOCK_STEP`].
pub const CLOCK_LOOK: Duration = Duration::from_millis(50);

/// Looks at two clocks before they are left for the next time: whoever is held up so often is held up for long.
pub const CLOCK_LOOKS: usize = 3;

/// How often sessions and used tokens whose time is over are swept out.
pub const SWEEP: Millis = Millis::from_secs(60);

/// How long people's sockets get to close at a shutdown.
pub const FAREWELL: Duration = Duration::from_secs(3);

/// How long another device can take a visit over: as long as it takes to find it, unlock it and point its camera at a code.
pub const MOVE_TOKEN: Millis = Millis::from_secs(300);

/// How long the clinic task gets to finish its last batches at a shutdown.
pub const LAST_BATCH: Duration = Duration::from_secs(3);

/// How long an answer to another system's write is kept, to be given again: a night's outage and its repair.
pub const ANSWERS_KEPT: Millis = Millis::from_secs(24 * 60 * 60);

/// Requests with one key: a clinic's own systems read all their lists at the same moment.
pub const API: Rate = Rate {
    burst: 200,
    per_second: 50,
};

/// The largest body of another system's request: a service with a whole form (64 KiB of texts) and all its closures.
pub const API_BODY_BYTES: usize = 256 * 1024;

/// Characters of the name that another system gives to a write: a UUID several times over.
pub const IDEMPOTENCY_KEY_CHARS: usize = 200;

/// Characters of a field's name that are repeated to whoever sent it.
pub const FIELD_CHARS: usize = 40;

/// How long another system waits for the clinic's answer: the store's own patience, and a batch.
pub const API_ANSWER: Duration = Duration::from_secs(10);

/// The most items of one page, and as many as come when nobody says.
pub const PAGE_ITEMS: (u32, u32) = (200, 50);

/// Rows that are looked at for one page of a list that leaves some out: beyond, the page ends early.
pub const PAGE_ROWS: u32 = 1_000;

/// Parameters of one FHIR search: several times as many as there are.
pub const FHIR_TERMS: usize = 32;

/// No consultation lasts for longer, on hold or not, as far as a search for one by its end goes: a patient's session
/// lasts a day.
pub const CONSULTATION_LONGEST: Millis = Millis::from_secs(2 * 24 * 60 * 60);

/// Characters of what a clinic calls a key.
pub const KEY_LABEL_CHARS: usize = 100;

/// How often the last use of a key is noted: each time is a write.
pub const KEY_USE_NOTED: Millis = Millis::from_secs(60 * 60);

/// Lines of the audit log that are read at once: some hundred kilobytes.
pub const AUDIT_LINES: u32 = 1_000;

/// Webhooks of one clinic: a handful of systems, with room for those that are being replaced.
pub const WEBHOOKS: u32 = 16;

/// Characters of a webhook's address.
pub const WEBHOOK_URL: usize = 2_048;

/// Events that are on their way to one webhook at once: a receiver is not flooded, and one that does not answer holds up
/// no more than that.
pub const WEBHOOK_AT_ONCE: u32 = 4;

/// How often it is looked for what is due to be sent, beside what this server's own batches leave.
pub const WEBHOOK_LOOK: Duration = Duration::from_secs(1);

/// How long one attempt may take in all: receivers are to take an event in and work on it later.
pub const WEBHOOK_REQUEST: Duration = Duration::from_secs(10);

/// How long it may take to connect to one address, so that there is time for the next.
pub const OUTWARD_CONNECT: Duration = Duration::from_secs(3);

/// Addresses of one name that are tried.
pub const OUTWARD_ADDRESSES: usize = 4;

/// Bytes of an answer that are read: the status counts, the rest is for politeness. hyper wants 8 KB at least.
pub const WEBHOOK_ANSWER: usize = 16 * 1024;

/// How long a server has what it is about to send to itself: attempts take less, and one that died is found out soon.
pub const WEBHOOK_LEASE: Millis = Millis::from_secs(30);

/// Attempts before an event is given up: two days or so, which a weekend's breakdown may exceed; then it is replayed.
pub const WEBHOOK_ATTEMPTS: u32 = 15;

/// The first pause between two attempts, multiplied by [`WEBHOOK_PAUSE_FACTOR`] each time up to
/// [`WEBHOOK_PAUSE_LONGEST`].
pub const WEBHOOK_PAUSE: Millis = Millis::from_secs(5);

/// By how much a pause is longer than the one before.
pub const WEBHOOK_PAUSE_FACTOR: u64 = 3;

/// The longest pause.
pub const WEBHOOK_PAUSE_LONGEST: Millis = Millis::from_secs(6 * 60 * 60);

/// Rows of each kind that one sweep deletes when they are past their period: a thousand a minute is more than a clinic
/// makes, and some milliseconds.
pub const SWEPT_ROWS: u32 = 1_000;

/// Connections to the metrics at a time: a scraper opens one.
pub const METRICS_CONNECTIONS: usize = 4;

/// The longest request for metrics. Scrapers send a few hundred bytes.
pub const METRICS_REQUEST_BYTES: usize = 4096;

/// How long a request for metrics and its answer may take: half of what scrapers wait.
pub const METRICS_PATIENCE: Duration = Duration::from_secs(5);

/// How long the clinic may take to count, of that.
pub const METRICS_CENSUS: Duration = Duration::from_secs(2);

/// How long the store may take to count, of that.
pub const METRICS_STORE: Duration = Duration::from_secs(2);

/// The pause after a port for metrics could not be had.
pub const METRICS_RETRY: Duration = Duration::from_secs(5);

/// How long somebody may take to sign in at the identity provider: to find a phone, install its app, type a code.
pub const SIGN_IN: Millis = Millis::from_secs(10 * 60);

/// Sign-ins that were begun and not finished: each is some hundred bytes in the store for [`SIGN_IN`], and one address
/// begins 3,000 in that time.
pub const SIGN_INS: u32 = 50_000;

/// How long one request to the identity provider may take.
pub const PROVIDER_REQUEST: Duration = Duration::from_secs(5);

/// How long a sign-in may wait for the provider in all: metadata, code, keys.
pub const PROVIDER_PATIENCE: Duration = Duration::from_secs(12);

/// Bytes of an answer of the provider: metadata and key sets have ten kilobytes, an ID token four.
pub const PROVIDER_ANSWER: usize = 128 * 1024;

/// How long the provider's metadata and keys are believed without being asked for again.
pub const PROVIDER_KNOWN: Millis = Millis::from_secs(60 * 60);

/// How often keys are asked for again because of one that is not among them: anybody can name one.
pub const PROVIDER_KEYS: Millis = Millis::from_secs(60);

/// How far the provider's clock may be from ours.
pub const PROVIDER_CLOCK: Millis = Millis::from_secs(60);

/// Characters of a code, a state or an issuer that comes with a redirection.
pub const SIGN_IN_WORD: usize = 4_096;

/// Characters of a subject (OpenID Connect Core, section 2).
pub const SUBJECT: usize = 255;

/// How long before its beginning somebody finds an appointment by signing in, instead of being taken in without one: a day
/// on which one comes early, and not the week before, when one comes for something else. By its link it is found at any
/// time.
pub const APPOINTMENT_FOUND: Millis = Millis::from_secs(12 * 60 * 60);

/// Of how many people who sign in a visit knows that they have its link: a patient, those who look after them, and each of
/// them by some other account.
pub const IDENTITIES_PER_VISIT: u32 = 16;

/// How often whoever signs in may be erased and come again as somebody new: each time is one more look when they sign in.
pub const ERASURES: u32 = 16;

/// How long what we sign for the provider is good: a request, and clocks that differ.
pub const CLIENT_ASSERTION: Millis = Millis::from_secs(60);
