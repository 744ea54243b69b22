/** Which counters were seen under a key (RFC 9605 section 9.3). */

import { REPLAY_WINDOW } from './limits.ts';

/**
 * A window over the highest counters. A counter below it counts as seen: the server may delay a
 * frame, and a frame that old would be useless anyway.
 */
export class ReplayWindow {
  #highest = -1n;
  readonly #seen = new Uint8Array(REPLAY_WINDOW);

  /** True when a frame with this counter would be new. Changes nothing. */
  isNew(counter: bigint): boolean {
    if (counter > this.#highest) return true;
    if (this.#highest - counter >= BigInt(REPLAY_WINDOW)) return false;
    return this.#seen[slot(counter)] === 0;
  }

  /**
   * Takes note of a frame that was opened: forged frames must not move the window. False when the
   * same frame was opened meanwhile.
   */
  accept(counter: bigint): boolean {
    if (!this.isNew(counter)) return false;
    if (counter > this.#highest) {
      this.#forget(counter);
      this.#highest = counter;
    }
    this.#seen[slot(counter)] = 1;
    return true;
  }

  /** Clears the places that the window moves over. */
  #forget(counter: bigint): void {
    const steps = counter - this.#highest;
    if (steps >= BigInt(REPLAY_WINDOW)) {
      this.#seen.fill(0);
      return;
    }
    for (let next = this.#highest + 1n; next <= counter; next++) this.#seen[slot(next)] = 0;
  }
}

function slot(counter: bigint): number {
  return Number(counter % BigInt(REPLAY_WINDOW));
}
