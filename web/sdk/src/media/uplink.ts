/** Watches what the browser believes that its line takes, and sets the ceiling that makes it look for more. */

import { Ceiling } from './ceiling.ts';
import { ESTIMATE_MS } from './limits.ts';
import type { Peer } from './peer.ts';

export class Uplink {
  readonly #ceiling = new Ceiling(performance.now());
  readonly #timer: ReturnType<typeof setInterval>;

  /** `sends`: whether pictures are sent just now; without any, an estimate says nothing. */
  constructor(
    private readonly peer: Peer,
    private readonly sends: () => boolean,
  ) {
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), ESTIMATE_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (!this.sends()) return;
    const estimate = await this.peer.estimate();
    const change = estimate === null ? null : this.#ceiling.observe(estimate, performance.now());
    if (change !== null) await this.peer.setCeiling(change.set);
  }
}
