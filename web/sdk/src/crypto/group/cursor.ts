/** How far the log of a consultation was read. */

export type Place = 'next' | 'seen' | 'gap';

export class Cursor {
  #last: number | null = null;

  /** The last entry read, 0 for none: what `sync` is asked with. */
  get last(): number {
    return this.#last ?? 0;
  }

  /**
   * Takes an entry's place. The first may be any: a page that just came needs nothing of what was
   * before. Later a gap means that something is missing; the entry then comes again by `sync`.
   */
  take(sequence: number): Place {
    if (this.#last !== null && sequence <= this.#last) return 'seen';
    if (this.#last !== null && sequence > this.#last + 1) return 'gap';
    this.#last = sequence;
    return 'next';
  }
}
