/** Limits of the media, each with its reason. */

/** What the camera is asked for: sharp on a phone and on half a screen, and cheap enough to encode. */
export const PICTURE = { width: 960, height: 540, frameRate: 25 } as const;

/**
 * The layers of the camera, the smallest first, by how much less wide they are than PICTURE: bits per second
 * that each needs at its best.
 */
export const CAMERA_LAYERS = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
] as const;

/**
 * How much less wide the whole picture is at the beginning. Browsers begin at 300 kbit/s; Chromium leaves out the first
 * frames that are larger than 320 x 240 there, one after the other until four are gone.
 */
export const BEGINNING_DOWN = 3;

/**
 * An estimate of the line, in bits per second, from which the picture need be small no longer: some three quarters of
 * it are for the picture itself, and Chromium wants 500 kbit/s for one of more than 640 x 480.
 */
export const GROWN = 700_000;

/** Looks after which it grows where a browser tells no estimate: it finds out by itself what is too large. */
export const BEGINNING_LOOKS = 3;

/**
 * Looks at an estimate below GROWN after which it grows in any case. A wide line whose first probes found nothing to
 * fill them with is probed anew by then. Chromium that is given a larger picture before leaves out frames of it again
 * and then makes it smaller for ten seconds.
 */
export const BEGINNING_LOOKS_TOLD = 8;

/** Bits per second below which a browser makes the camera's picture smaller and slower. */
export const NARROW = 300_000;

/** From one picture that begins anew at its full size to the next: on a line that changes all the time it would stutter. */
export const RECOVERY_MS = 15_000;

/** How much larger than it is a picture may be shown before the next layer is of use: few see the difference. */
export const ENLARGED = 1.25;

/** Bits per second of a shared screen: text that stays legible. */
export const SCREEN_BITRATE = 1_500_000;

/** Bits per second of the microphone: speech in full quality. */
export const MICROPHONE_BITRATE = 40_000;

/** Others that can be received at one time: five participants without oneself. */
export const OTHERS = 4;

/** ICE often mends itself after a moment; a restart costs a round trip through signaling. */
export const DISCONNECTED_MS = 1500;

/** How often it is looked whether anything comes in: a look costs a fraction of a millisecond. */
export const PULSE_MS = 200;

/** Looks in a row that see something come in before its end means anything. */
export const FLOWING_LOOKS = 5;

/** Looks in a row that see nothing come in before the line is doubted: longer than bad lines hold packets back. */
export const STILL_LOOKS = 3;

/**
 * How long after signaling came back media that is found to have stopped has stopped for the same reason: what the looks
 * above take, and as much again for a page whose timers are late.
 */
export const MOVED_MS = 2 * (STILL_LOOKS + 1) * PULSE_MS;

/** From an answer to a connection; then something else is tried. */
export const CONNECTING_MS = 5000;

/** From a restart's answer to a connection; then it is tried again. */
export const RESTARTING_MS = 4000;

/** Restarts that fail before a new connection is made. */
export const RESTARTS = 2;

/** Waits between offers that were refused, doubled each time up to the second figure. */
export const OFFER_RETRY_MS = [250, 4000] as const;

/** An offer above this is made anew with fewer codecs: signaling takes 48 KiB. */
export const OFFER_CHARS = 44_000;

/** Bits per second at which the camera is at its best or nearly so: nobody looks for more. */
export const PLENTY = 900_000;

/** How often the browser's estimate is looked at. */
export const ESTIMATE_MS = 1000;

/** From one try to find out that a line became wider to the next: a try costs some hundred bytes. */
export const CEILING_RETRY_MS = 4000;

/**
 * The part of sound's packets that is lost from which it is sent twice, and the part below which it no longer is:
 * one packet in a hundred is mended by what Opus itself has for that.
 */
export const LOSING = 0.03;
export const NO_LONGER_LOSING = 0.01;

/** Over how long loss is looked at: receivers report on sound every few seconds. */
export const LOSS_WINDOW_MS = 10_000;

/** Fewer packets in that time, as of somebody who is silent, say nothing. */
export const LOSS_PACKETS = 150;

/**
 * Bits per second that a line must take for sound to be sent twice, and below which it no longer is. Sent twice it
 * takes about 100,000 of them, headers included.
 */
export const ROOM_FOR_REDUNDANCY = 200_000;
export const TOO_NARROW_FOR_REDUNDANCY = 150_000;

/** The part of a picture's packets that is asked for again from which their line is one that loses packets. */
export const ASKED_AGAIN = 0.02;

/** The part of the pictures that come too late from which they are to wait longer: fewer are hardly seen. */
export const LATE = 0.08;

/**
 * Over how long that is looked at, and how many pictures tell something: two seconds of them, or more on a bad line.
 * Where they come so slowly that there are fewer in that time, it is looked at for longer, up to the most.
 */
export const LATE_WINDOW_MS = 4000;
export const LATE_WINDOW_MOST_MS = 12_000;
export const LATE_PICTURES = 50;

/**
 * How much longer pictures wait then, and the most. Sound waits for its picture, and people begin to talk into each
 * other's words where it takes more than 400 ms (ITU-T G.114).
 */
export const PLAYOUT_STEP_MS = 100;
export const PLAYOUT_MOST_MS = 300;

/** After so long without losses they wait one step less. */
export const CALM_MS = 15_000;

/** How long a page must be out of sight before pictures stop: they need a key frame to come back. */
export const UNSEEN_AFTER_MS = 2000;

/** From a server that did not take what is seen to the next try: until then a picture may stand still. */
export const WATCH_RETRY_MS = 1000;

/** After a page is in sight again, how long what the device had muted has to come back by itself before it is opened anew. */
export const UNMUTES_WITHIN_MS = 1500;
