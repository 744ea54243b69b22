/** What was written in a consultation, as this page knows it. */

import type { ChatEntry } from '../../contract.ts';
import { utf8 } from '../../support/bytes.ts';
import { CHAT_KEPT, HISTORY_BYTES, HISTORY_PER_MESSAGE } from '../limits.ts';
import type { ChatLine } from './payload.ts';

export class ChatBook {
  readonly #own: string;
  #entries: readonly ChatEntry[] = [];
  #missed = 0;

  constructor(own: string) {
    this.#own = own;
  }

  get entries(): readonly ChatEntry[] {
    return this.#entries;
  }

  /** A line of our own, on its way. */
  write(id: string, text: string, at: number): void {
    this.#insert({ id, from: this.#own, mine: true, text, at, state: 'sending', handedBy: null });
  }

  /** How our line fared. */
  mark(id: string, state: 'sent' | 'failed'): void {
    this.#entries = this.#entries.map((entry) =>
      entry.mine && entry.id === id ? { ...entry, state } : entry,
    );
  }

  /** A line that its writer sealed, once. */
  read({ id, from, text, at }: ChatLine): void {
    const mine = from === this.#own;
    this.#insert({ id, from, mine, text, at, state: 'sent', handedBy: null });
  }

  /** Lines of this writer did not arrive, before a line of this time or, without one, by now. */
  miss(from: string, at = this.#entries.at(-1)?.at ?? 0): void {
    const id = `missing ${(this.#missed += 1)}`;
    this.#insert({ id, from, mine: false, text: '', at, state: 'missing', handedBy: null });
  }

  /**
   * What was written before this page was there, by the word of one who stayed: only what they say of
   * themselves and heard nobody else say is theirs.
   */
  readHistory(handedBy: string, lines: readonly ChatLine[]): void {
    for (const { id, from, text, at, told } of lines) {
      const state = from === handedBy && told !== true ? 'sent' : 'told';
      this.#insert({ id, from, mine: from === this.#own, text, at, state, handedBy });
    }
  }

  /** What to hand over, in pieces that fit a message each. */
  history(): ChatLine[][] {
    const pieces: ChatLine[][] = [];
    let bytes = Infinity;
    for (const { id, from, text, at, state } of this.#entries) {
      if (state !== 'sent' && state !== 'told') continue;
      const line = { id, from, text, at, told: state === 'told' };
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
    const known = this.#entries.find(({ id, from }) => id === entry.id && from === entry.from);
    if (known !== undefined && (known.state !== 'told' || entry.state === 'told')) return;
    // Its writer's own word takes the place of somebody else's.
    if (known !== undefined) this.#entries = this.#entries.filter((it) => it !== known);
    const after = this.#entries.findIndex(({ at }) => at > entry.at);
    const place = after === -1 ? this.#entries.length : after;
    this.#entries = this.#entries.toSpliced(place, 0, entry).slice(-CHAT_KEPT);
  }
}
