/** Limits of the client as a whole, each with its reason. */

/** Times that a page may join a group anew: more in a minute is not bad luck. */
export const RENEWALS = 3;
export const RENEWALS_WITHIN_MS = 60_000;

/** Waits between tries to get the crypto worker, and then a session, doubled each time up to the second figure. */
export const ADMISSION_RETRY_MS = [500, 5000] as const;
