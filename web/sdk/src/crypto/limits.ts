/** Limits of the encryption, each with its reason. */

/** Counters remembered per key: 20 s of sound at 50 packets a second, far more than is ever in flight. */
export const REPLAY_WINDOW = 1024;

/** Frames sealed under one key: AES-GCM stays far below its bounds, and a consultation of days fits. */
export const FRAMES_PER_KEY = 2n ** 32n;

/** Bytes of one frame: a key frame of 720p at the highest rate is a tenth of it. */
export const FRAME_BYTES = 1024 * 1024;

/** Epochs of which late application messages can still be opened. */
export const EPOCHS_KEPT = 2;

/** Key packages whose private halves are kept: those on the shelf, and as many just replaced. */
export const KEY_PACKAGES_KEPT = 8;

/** Messages of one sender that may be missing between two: more is not a delay, it is an attack. */
export const RATCHET_STEPS = 64;

/** How long frames of an earlier epoch are still opened: what is in flight when keys change. */
export const OLD_KEY_MS = 10_000;

/** How long everybody's acknowledgement is waited for before the new key is used all the same. */
export const SWITCH_MS = 1000;

/** Pages of a consultation that are remembered: fifty reloads of five people. */
export const PAGES_SEEN = 250;

/** Characters of one chat message: a page of text, that fits an MLS message however it is escaped. */
export const CHAT_CHARS = 2000;

/** Chat messages kept in memory: hours of writing. */
export const CHAT_KEPT = 500;

/** Chat messages handed over in one piece. */
export const HISTORY_PER_MESSAGE = 100;

/** How long a page that came takes history: whoever hands it over may be on a slow line. */
export const HISTORY_MS = 60_000;

/** Bytes of one piece of history: three quarters of what one MLS message may have. */
export const HISTORY_BYTES = 16 * 1024;

/** Messages that wait for their turn: twenty lines typed while offline, and what the group needs. */
export const OUTBOX = 64;

/** Key packages on the shelf: the practitioner may return that often without a round trip. */
export const KEY_PACKAGES_PUBLISHED = 3;

/** Waits between attempts that fail, doubled each time up to the second figure. */
export const RETRY_MS = [250, 4000] as const;

/** Frames that cannot be opened for this long: the picture on the screen is not of now. */
export const BLIND_MS = 3000;

/** How long pictures wait for the first key: an exchange of keys over a slow line. */
export const HOLD_MS = 800;
