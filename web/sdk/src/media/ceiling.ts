/**
 * Helps a browser to find out that its line became wider.
 *
 * After a narrow time, libwebrtc's estimate grows by 8 % a second: from a voice and a stamp-sized picture to a full one
 * takes half a minute. It probes at once, though, when the ceiling that the description sets for it (`b=AS`, RFC 4566
 * section 5.8) is raised above its estimate. So a ceiling is set a little above a low estimate and then raised well
 * above it: a line that is still narrow is asked by a few small packets, a wide one is in use a second later.
 * Knows no `RTCPeerConnection` and no clock.
 */

import { CEILING_RETRY_MS, PLENTY } from './limits.ts';

/** What is to be done to the ceiling: a figure in bits per second, or none at all. */
export type CeilingChange = { readonly set: number | null };

/** Above the estimate, so that it stops nobody. */
const CLOSE = 1.5;

/** What is probed, of the estimate. */
const RAISED = 4;

/** A probe that brought this much more is followed by another. */
const HELPED = 1.4;

export class Ceiling {
  #ceiling: number | null = null;
  /** The estimate when the ceiling was raised last. */
  #probed: number | null = null;
  #quietUntil: number;

  constructor(now: number) {
    // A connection that is new probes by itself.
    this.#quietUntil = now + CEILING_RETRY_MS;
  }

  /** What the browser believes now that the line takes, in bits per second, while it sends pictures. */
  observe(estimate: number, now: number): CeilingChange | null {
    if (estimate >= PLENTY) return this.#lift(now);
    const helped = this.#probed !== null && estimate > this.#probed * HELPED;
    if (this.#ceiling !== null && (helped || this.#probed === null)) return this.#raise(estimate);
    if (now < this.#quietUntil) return null;
    this.#quietUntil = now + CEILING_RETRY_MS;
    this.#probed = null;
    return this.#set(estimate * CLOSE);
  }

  #raise(estimate: number): CeilingChange {
    this.#probed = estimate;
    return this.#set(Math.max(estimate * RAISED, (this.#ceiling ?? 0) + estimate));
  }

  #lift(now: number): CeilingChange | null {
    this.#quietUntil = now + CEILING_RETRY_MS;
    this.#probed = null;
    return this.#ceiling === null ? null : this.#set(null);
  }

  #set(ceiling: number | null): CeilingChange {
    this.#ceiling = ceiling;
    return { set: ceiling };
  }
}
