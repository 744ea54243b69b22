/** Every wait of the browser tests, with its reason. A wait ends at its event; these only bound it. */

/** A page to load or a control to appear: all is local, but two cores may serve four browsers. */
export const PAGE_MS = 20_000;

/**
 * The same over a line that loses packets: TCP waits twice as long after each loss, so that seven in a row, of which a line
 * that loses a fifth each way has one in some thousand, take 25 s.
 */
export const BAD_LINE_PAGE_MS = 120_000;

/** The server to print its ready line: opening the store and starting the SFU takes well under 1 s. */
export const SERVER_READY_MS = 20_000;

/** The server to end by itself after SIGTERM, before it is killed. */
export const SERVER_STOP_MS = 10_000;

/** What an ended process left in its pipe, when another process holds the pipe open. */
export const LAST_WORDS_MS = 200;

/** A picture or a sound to arrive: key exchange, ICE, DTLS and a key frame, on a loaded machine. */
export const MEDIA_MS = 30_000;

/** Something that follows a lost network: the longest reconnection backoff and ICE's own timers. */
export const RECOVERY_MS = 60_000;

/** One browser test, with the start of server and browsers: a minute, five on a busy machine. */
export const TEST_MS = 300_000;

/** Some seconds of small pictures to be decoded by a program: less than one second. */
export const DECODING_MS = 60_000;

/** A bad line to be there: two namespaces and an interface, a tenth of a second. */
export const BAD_LINE_READY_MS = 10_000;

/** Between two looks at what the tapped SFU wrote. */
export const TAP_POLL_MS = 250;

/** Frames kept for each page, about four minutes of two pictures; older ones are dropped. */
export const FRAMES_KEPT = 8_000;

/** Lines of a process's output kept for the report of a failure. */
export const LOG_LINES_KEPT = 2_000;

/** Messages of a page kept each way; a consultation of some minutes makes a few hundred. */
export const WIRE_KEPT = 4_000;

/** A sound server without a listener ends by itself: longer than any test, for a run that was killed. */
export const LOUDSPEAKER_IDLE_S = 600;
