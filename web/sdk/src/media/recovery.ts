/**
 * Says when a line is wide after it was narrow, or was thought to be.
 *
 * libwebrtc makes a picture smaller and slower within a second when its line is narrow, and larger again step by step
 * when the line allows it, each step after many seconds without a doubt: a picture that the line would take is a stamp
 * for half a minute. Whoever is told that the line is wide can have it begin at its full size.
 * Knows no `RTCPeerConnection` and no clock.
 */

import { GROWN, NARROW, RECOVERY_MS } from './limits.ts';

export class Recovery {
  // A connection begins with an estimate of a narrow line.
  #wasNarrow = true;
  #quietUntil = -Infinity;

  /** What the browser believes now that the line takes, in bits per second, while it sends pictures. */
  isWide(estimate: number, now: number): boolean {
    if (estimate < NARROW) this.#wasNarrow = true;
    if (!this.#wasNarrow || estimate < GROWN || now < this.#quietUntil) return false;
    this.#wasNarrow = false;
    this.#quietUntil = now + RECOVERY_MS;
    return true;
  }
}
