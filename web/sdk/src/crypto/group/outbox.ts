/** Application messages that wait to be sent, one at a time, in order. */

import type { Bytes } from '../../support/bytes.ts';
import type { EpochName } from '../kid.ts';
import { sameEpoch } from '../kid.ts';
import { OUTBOX } from '../limits.ts';
import type { Payload } from './payload.ts';

export interface Letter {
  readonly payload: Payload;
  /** The one epoch in which it means something; null when any will do. */
  readonly epoch: EpochName | null;
}

/** A letter that was sealed and handed over. */
export interface Sealed {
  readonly letter: Letter;
  readonly message: Bytes;
  readonly epoch: EpochName;
  /** False when nobody knows whether it arrived: then the log tells. */
  flying: boolean;
}

export class Outbox {
  #letters: Letter[] = [];
  /** The one that is on its way. */
  sealed: Sealed | null = null;

  /** False when there are too many. */
  add(letter: Letter): boolean {
    if (this.#letters.length >= OUTBOX) return false;
    this.#letters.push(letter);
    return true;
  }

  /** Before all that waits: the others count our lines from what it says. */
  addFirst(letter: Letter): void {
    this.#letters.unshift(letter);
  }

  /** The next letter that still means something in this epoch. */
  next(epoch: EpochName): Letter | null {
    for (;;) {
      const letter = this.#letters.shift();
      if (letter === undefined) return null;
      if (letter.epoch === null || sameEpoch(letter.epoch, epoch)) return letter;
    }
  }

  /** Takes the letter on its way back: it has to be sealed anew. */
  takeBack(): void {
    if (this.sealed !== null) this.#letters.unshift(this.sealed.letter);
    this.sealed = null;
  }
}
