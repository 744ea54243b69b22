/** When to seal with the keys of a new epoch: once those who hold the old ones have the new. */

import { sameEpoch, type EpochName } from '../kid.ts';
import { SWITCH_MS } from '../limits.ts';

interface Waiting {
  readonly name: EpochName;
  readonly missing: Set<string>;
  readonly deadline: number;
}

export class Switcher {
  #waiting: Waiting | null = null;
  /** Acknowledgements may come before the epoch itself is taken up here. */
  #early: { name: EpochName; instance: string }[] = [];

  /** A new epoch was taken up; these pages hold the keys before it and have to say that they moved. */
  begin(name: EpochName, holders: readonly string[], now: number): void {
    const missing = new Set(holders);
    for (const early of this.#early) {
      if (sameEpoch(early.name, name)) missing.delete(early.instance);
    }
    this.#early = [];
    this.#waiting = { name, missing, deadline: now + SWITCH_MS };
  }

  acknowledged(name: EpochName, instance: string): void {
    if (this.#waiting !== null && sameEpoch(this.#waiting.name, name)) {
      this.#waiting.missing.delete(instance);
    } else {
      this.#early = [...this.#early, { name, instance }].slice(-EARLY_KEPT);
    }
  }

  /** The epoch to seal with from now on, told once. */
  due(now: number): EpochName | null {
    const waiting = this.#waiting;
    if (waiting === null || (waiting.missing.size > 0 && now < waiting.deadline)) return null;
    this.#waiting = null;
    return waiting.name;
  }

  get deadline(): number | null {
    return this.#waiting?.deadline ?? null;
  }
}

/** One for each of four others, of the epoch at hand and the next. */
const EARLY_KEPT = 8;
