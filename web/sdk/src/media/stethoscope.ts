/** Listens to whether anything comes in by a connection. */

import { PULSE_MS } from './limits.ts';
import type { Peer } from './peer.ts';
import { Pulse } from './pulse.ts';

export class Stethoscope {
  readonly #pulse = new Pulse();
  readonly #timer: ReturnType<typeof setInterval>;
  #still = false;

  /** `changed`: what flowed has stopped, or flows again. */
  constructor(
    private readonly peer: Peer,
    private readonly changed: (still: boolean) => void,
  ) {
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), PULSE_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const bytes = await this.peer.received();
    if (bytes === null) return;
    this.#pulse.look(bytes);
    const { isStill } = this.#pulse;
    if (isStill === this.#still) return;
    this.#still = isStill;
    this.changed(isStill);
  }
}
