/** Limits of a session, each with its reason. */

/** From the first try to the snapshot: longer than any handshake on a bad phone line. */
export const GREETING_MS = 8000;

/** Between signs of life; the server drops a socket that is silent for 20 s. */
export const PING_MS = 5000;

/** A ping without any answer for this long: the socket is dead, whatever the browser says. */
export const SILENCE_MS = 10_000;

/** The same after the page came to the front, when it is likely. */
export const PROBE_MS = 3000;

/** The same when the network changed or media stopped, when it is very likely; two round trips are added. */
export const DOUBT_MS = 400;

/** The last answers whose time tells of the line: of twenty seconds, or less where more than usual is asked. */
export const ROUND_TRIPS = 4;

/** A request without an answer on a socket that lives: two round trips to the moon. */
export const REQUEST_MS = 10_000;

/** How long an action is kept over reconnections before the person is told. */
export const ACTION_MS = 30_000;

/** Between tries to connect, doubled each time up to the second figure, less up to half by chance. */
export const RECONNECT_MS = [250, 3000] as const;

/** Requests without an answer at one time: a page has a dozen at the very most. */
export const REQUESTS = 64;

/** One exchange over HTTP. */
export const HTTP_MS = 10_000;

/** Sessions of one role that a device keeps: those of a large family, each in a tab of its own. */
export const SESSIONS_KEPT = 8;
