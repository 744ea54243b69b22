/** The limits of the pages, each with its reason. Those of the wire come from the SDK. */

/** Characters of one chat message: a long paragraph; the MLS message stays far below its limit. */
export const CHAT_CHARS = 2000;

/** From this many characters left, a counter shows: before that it would only distract. */
export const COUNTER_FROM = 60;

/** People drawn ahead of the patient in the waiting room; beyond it the number alone says it. */
export const PEOPLE_DRAWN = 5;

/** How long a new arrival stays marked in the console, in milliseconds: two glances at the list. */
export const NEW_ARRIVAL_MS = 20_000;

/** How long "connected again" stays, in milliseconds: long enough to be read. */
export const BACK_NOTICE_MS = 4000;

/** After this time of connecting, the page says that it takes long, in milliseconds. */
export const SLOW_OPENING_MS = 6000;

/** Characters of a patient's name, of a reason, of the words with a declined visit, and of a message: the wire's
 * limits, which a test compares, so that the page says it before the server does. */
export const NAME_CHARS = 100;
export const REASON_CHARS = 500;
export const DECLINE_MESSAGE_CHARS = 300;
export const STAFF_MESSAGE_CHARS = 300;
export const FEEDBACK_CHARS = 1000;
export const NOTE_CHARS = 4000;
