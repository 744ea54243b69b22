/**
 * How long a picture waits at least before it is shown, so that those that came late are shown in their turn.
 *
 * Browsers wait by how unevenly pictures come, but leave out of it those whose packets were lost and sent again; where
 * packets are lost far away, as on the sender's line, these come when their turn is over and are dropped. Knows no
 * `RTCPeerConnection` and no clock.
 */

import {
  ASKED_AGAIN,
  CALM_MS,
  LATE,
  LATE_PICTURES,
  LATE_WINDOW_MS,
  PLAYOUT_MOST_MS,
  PLAYOUT_STEP_MS,
} from './limits.ts';

/** Of a stream of pictures since it began. */
export interface PictureCounts {
  /** Packets that came. */
  readonly packets: number;
  /** Packets that the browser asked for again. */
  readonly asked: number;
  readonly decoded: number;
  /** Pictures that came and were never shown. */
  readonly dropped: number;
}

type Dated = PictureCounts & { readonly at: number };

export class Playout {
  #counts: readonly Dated[] = [];
  #target = 0;
  #calmSince: number | null = null;

  /** The least that pictures are to wait from now on, in milliseconds; 0 leaves it to the browser. */
  observe(counts: PictureCounts, now: number): number {
    const newest = { ...counts, at: now };
    const lately = this.#lately(newest);
    if (lately.asked < ASKED_AGAIN * lately.packets) this.#calm(now);
    else {
      this.#calmSince = null;
      const pictures = lately.decoded + lately.dropped;
      const late = pictures >= LATE_PICTURES && lately.dropped >= LATE * pictures;
      if (late) this.#set(Math.min(this.#target + PLAYOUT_STEP_MS, PLAYOUT_MOST_MS), newest);
    }
    return this.#target;
  }

  /** What was counted in the last seconds. */
  #lately(newest: Dated): PictureCounts {
    const last = this.#counts.at(-1);
    // Another stream that comes the same way is counted anew.
    const anew = last !== undefined && newest.packets < last.packets;
    const known = anew ? [] : this.#counts;
    this.#counts = [...known.filter(({ at }) => newest.at - at <= LATE_WINDOW_MS), newest];
    const oldest = this.#counts[0] ?? newest;
    return {
      packets: newest.packets - oldest.packets,
      asked: newest.asked - oldest.asked,
      decoded: newest.decoded - oldest.decoded,
      dropped: newest.dropped - oldest.dropped,
    };
  }

  /** Nothing is lost: after some time of it, pictures wait less again. */
  #calm(now: number): void {
    this.#calmSince ??= now;
    if (now - this.#calmSince < CALM_MS) return;
    this.#calmSince = now;
    this.#target = Math.max(this.#target - PLAYOUT_STEP_MS, 0);
  }

  /** Whether that is enough is seen in what comes from now on. */
  #set(target: number, newest: Dated): void {
    this.#target = target;
    this.#counts = [newest];
  }
}

/** The same of all streams that a connection receives. */
export class Playouts {
  readonly #known = new Map<string, { readonly playout: Playout; target: number }>();

  /** The streams, by the `mid` of their section, whose pictures are to wait otherwise than before. */
  observe(pictures: ReadonlyMap<string, PictureCounts>, now: number): Map<string, number> {
    const changes = new Map<string, number>();
    for (const [mid, counts] of pictures) {
      const known = this.#known.get(mid) ?? { playout: new Playout(), target: 0 };
      this.#known.set(mid, known);
      const target = known.playout.observe(counts, now);
      if (target !== known.target) changes.set(mid, (known.target = target));
    }
    return changes;
  }
}
