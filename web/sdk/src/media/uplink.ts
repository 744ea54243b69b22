/**
 * Watches what the browser knows of its line: has the picture grow after its beginning and after a narrow time, sets the
 * ceiling that makes the browser look for more, says whether sound is worth being sent with redundancy, and how long the others' pictures wait.
 */

import { Beginning } from './beginning.ts';
import { Ceiling } from './ceiling.ts';
import { ESTIMATE_MS } from './limits.ts';
import type { Peer } from './peer.ts';
import { Playouts } from './playout.ts';
import { Recovery } from './recovery.ts';
import { Redundancy } from './redundancy.ts';

export class Uplink {
  readonly #beginning = new Beginning();
  readonly #ceiling = new Ceiling(performance.now());
  readonly #recovery = new Recovery();
  readonly #redundancy = new Redundancy(performance.now());
  readonly #playouts = new Playouts();
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
    const line = await this.peer.line();
    const sends = this.sends();
    const estimate = sends ? line.estimate : null;
    if (sends && this.#beginning.isOver(estimate)) this.peer.grow();
    const now = performance.now();
    if (estimate !== null && !line.slow && this.#recovery.isWide(estimate, now)) {
      this.peer.restore();
    }
    for (const [mid, target] of this.#playouts.observe(line.pictures, now)) {
      this.peer.delayPlayout(mid, target);
    }
    if (line.sound !== null) {
      await this.peer.wantRedundancy(this.#redundancy.observe(line.sound, estimate, now));
    }
    const change = estimate === null ? null : this.#ceiling.observe(estimate, now);
    if (change !== null) await this.peer.setCeiling(change.set);
  }
}
