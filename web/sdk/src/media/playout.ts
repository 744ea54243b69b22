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
  LATE_WINDOW_MOST_MS,
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

function since(before: PictureCounts, now: PictureCounts): PictureCounts {
  return {
    packets: now.packets - before.packets,
    asked: now.asked - before.asked,
    decoded: now.decoded - before.decoded,
    dropped: now.dropped - before.dropped,
  };
}

function picturesOf({ decoded, dropped }: PictureCounts): number {
  return decoded + dropped;
}

/** Whether it was long enough from one to the other, and enough pictures came. */
function tells(before: Dated, now: Dated): boolean {
  return now.at - before.at >= LATE_WINDOW_MS && picturesOf(since(before, now)) >= LATE_PICTURES;
}

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
      const pictures = picturesOf(lately);
      const late = pictures >= LATE_PICTURES && lately.dropped >= LATE * pictures;
      if (late) this.#set(Math.min(this.#target + PLAYOUT_STEP_MS, PLAYOUT_MOST_MS), newest);
    }
    return this.#target;
  }

  /** What was counted in the last seconds, and before them as long as there are too few pictures to tell something. */
  #lately(newest: Dated): PictureCounts {
    const last = this.#counts.at(-1);
    // Another stream that comes the same way is counted anew.
    const anew = last !== undefined && newest.packets < last.packets;
    const known = anew ? [] : this.#counts;
    const counts = [...known.filter(({ at }) => newest.at - at <= LATE_WINDOW_MOST_MS), newest];
    const oldest = counts.filter((before) => tells(before, newest)).at(-1) ?? counts[0] ?? newest;
    this.#counts = counts.filter(({ at }) => at >= oldest.at);
    return since(oldest, newest);
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
