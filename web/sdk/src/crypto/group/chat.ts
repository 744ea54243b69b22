/** What was written in a consultation, as this page knows it. */

import type { ChatEntry } from '../../contract.ts';
import { utf8 } from '../../support/bytes.ts';
import { CHAT_KEPT, HISTORY_BYTES, HISTORY_PER_MESSAGE } from '../limits.ts';
import type { ChatLine } from './payload.ts';

export class ChatBook {
  readonly #own: string;
  #entries: readonly ChatEntry[] = [];
  #historyFrom: string | null = null;

  constructor(own: string) {
    this.#own = own;
  }

  get entries(): readonly ChatEntry[] {
    return this.#entries;
  }

  /** A line of our own, on its way. */
  write(id: string, text: string, at: number): void {
    this.#insert({ id, from: this.#own, mine: true, text, at, state: 'sending' });
  }

  /** How our line fared. */
  mark(id: string, state: 'sent' | 'failed'): void {
    this.#entries = this.#entries.map((entry) =>
      entry.mine && entry.id === id ? { ...entry, state } : entry,
    );
  }

  /** A line of somebody, once. */
  read(line: ChatLine): void {
    this.#insert({ ...line, mine: line.from === this.#own, state: 'sent' });
  }

  /**
   * What was written before this page was there, handed over by one who stayed. Only one member is
   * believed, and nothing that is known already is replaced.
   */
  readHistory(from: string, lines: readonly ChatLine[]): void {
    this.#historyFrom ??= from;
    if (this.#historyFrom !== from) return;
    for (const line of lines) this.read(line);
  }

  /** What to hand over, in pieces that fit a message each. */
  history(): ChatLine[][] {
    const pieces: ChatLine[][] = [];
    let bytes = Infinity;
    for (const { id, from, text, at, state } of this.#entries) {
      if (state !== 'sent') continue;
      const line = { id, from, text, at };
      const size = utf8(JSON.stringify(line)).length + 1;
      const last = pieces.at(-1);
      if (!last || bytes + size > HISTORY_BYTES || last.length >= HISTORY_PER_MESSAGE) {
        pieces.push([line]);
        bytes = size;
      } else {
        last.push(line);
        bytes += size;
      }
    }
    return pieces;
  }

  #insert(entry: ChatEntry): void {
    if (this.#entries.some(({ id, from }) => id === entry.id && from === entry.from)) return;
    const after = this.#entries.findIndex(({ at }) => at > entry.at);
    const place = after === -1 ? this.#entries.length : after;
    this.#entries = this.#entries.toSpliced(place, 0, entry).slice(-CHAT_KEPT);
  }
}
