/**
 * Whether anything still comes in by a connection. When a network is gone a browser takes five to ten seconds to say so;
 * pictures and the SFU's reports on ours come many times a second, and stop at once. Knows no clock: it counts looks, so
 * that a page that slept has missed nothing.
 */

import { FLOWING_LOOKS, STILL_LOOKS } from './limits.ts';

export class Pulse {
  #bytes = 0;
  /** Looks in a row that saw something come in. */
  #flowing = 0;
  /** Looks in a row that saw nothing, after it flowed. */
  #still: number | null = null;

  /** How many bytes came in so far. */
  look(bytes: number): void {
    const came = bytes !== this.#bytes;
    this.#bytes = bytes;
    this.#flowing = came ? this.#flowing + 1 : 0;
    // What comes now and then may be away for long: nothing is concluded from it.
    if (came) this.#still = this.#flowing >= FLOWING_LOOKS ? 0 : null;
    else if (this.#still !== null) this.#still += 1;
  }

  /** It had flowed, and does not. */
  get isStill(): boolean {
    return (this.#still ?? 0) >= STILL_LOOKS;
  }
}
