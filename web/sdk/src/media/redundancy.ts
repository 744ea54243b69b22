/**
 * Whether sound is worth being sent twice (RED, RFC 2198: each packet carries the sound of the one before once more).
 *
 * It doubles what sound takes, so it is done where packets are lost, by the word of those who receive it, and where
 * the line has room for it. Knows no `RTCPeerConnection` and no clock.
 */

import {
  LOSING,
  LOSS_PACKETS,
  LOSS_WINDOW_MS,
  NO_LONGER_LOSING,
  ROOM_FOR_REDUNDANCY,
  TOO_NARROW_FOR_REDUNDANCY,
} from './limits.ts';

/** Packets of sound since the connection began: sent, and lost on the whole way. */
export interface SoundCounts {
  readonly sent: number;
  readonly lost: number;
}

type Dated = SoundCounts & { readonly at: number };

export class Redundancy {
  #counts: readonly Dated[];
  #on = false;

  constructor(now: number) {
    this.#counts = [{ sent: 0, lost: 0, at: now }];
  }

  /** Whether it is worth it; `estimate` is what the line takes, in bits per second, as far as that is known. */
  observe(sound: SoundCounts, estimate: number | null, now: number): boolean {
    const loss = this.#lossOf({ ...sound, at: now });
    const room = estimate ?? Infinity;
    if (this.#on) {
      const calm = loss !== null && loss < NO_LONGER_LOSING;
      this.#on = !calm && room >= TOO_NARROW_FOR_REDUNDANCY;
    } else {
      this.#on = loss !== null && loss >= LOSING && room >= ROOM_FOR_REDUNDANCY;
    }
    return this.#on;
  }

  /** The part that was lost lately; null when too little was sent to tell. */
  #lossOf(newest: Dated): number | null {
    const last = this.#counts.at(-1);
    // Who reports may begin to count anew.
    const anew = last !== undefined && (newest.lost < last.lost || newest.sent < last.sent);
    const known = anew ? [] : this.#counts;
    this.#counts = [...known.filter(({ at }) => newest.at - at <= LOSS_WINDOW_MS), newest];
    const oldest = this.#counts[0] ?? newest;
    const sent = newest.sent - oldest.sent;
    return sent < LOSS_PACKETS ? null : (newest.lost - oldest.lost) / sent;
  }
}
