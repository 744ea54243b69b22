import { describe, expect, it } from 'vitest';
import { CALM_MS, PLAYOUT_MOST_MS, PLAYOUT_STEP_MS } from '../src/media/limits.ts';
import { Playout, Playouts } from '../src/media/playout.ts';

const SECOND = 1000;
const CALM = CALM_MS / SECOND;

/** Whose pictures come, so many a second in a hundred packets, and are looked at once a second. */
class Picture {
  readonly #playout = new Playout();
  readonly #rate: number;
  #now = 0;
  #counts = { packets: 0, asked: 0, decoded: 0, dropped: 0 };

  constructor(rate = 25) {
    this.#rate = rate;
  }

  /** The answers over some seconds in each of which so many packets are asked for again and pictures dropped. */
  comes(seconds: number, asked: number, dropped: number): number[] {
    return Array.from({ length: seconds }, () => {
      const { packets, asked: before, decoded, dropped: gone } = this.#counts;
      this.#counts = {
        packets: packets + 100,
        asked: before + asked,
        decoded: decoded + this.#rate - dropped,
        dropped: gone + dropped,
      };
      this.#now += SECOND;
      return this.#playout.observe(this.#counts, this.#now);
    });
  }

  beginsAnew(): void {
    this.#counts = { packets: 0, asked: 0, decoded: 0, dropped: 0 };
  }
}

describe('how long pictures wait', () => {
  it('is for the browser to say where nothing is lost, or nothing comes late', () => {
    expect(new Set(new Picture().comes(60, 0, 0))).toEqual(new Set([0]));
    expect(new Set(new Picture().comes(60, 20, 1))).toEqual(new Set([0]));
  });

  it('is not lengthened for a machine that is too slow to decode them', () => {
    expect(new Set(new Picture().comes(60, 0, 12))).toEqual(new Set([0]));
  });

  it('grows by steps while pictures come too late, up to what people can talk with', () => {
    const answers = new Picture().comes(20, 12, 8);
    expect(answers[2]).toBe(PLAYOUT_STEP_MS);
    expect(answers).toEqual(answers.toSorted((a, b) => a - b));
    expect(answers.at(-1)).toBe(PLAYOUT_MOST_MS);
  });

  it('grows also where so few come that some seconds of them tell nothing, but not for those of a slide', () => {
    const answers = new Picture(8).comes(30, 12, 2);
    expect(answers.slice(0, 7)).toEqual(Array(7).fill(0));
    expect(answers[7]).toBe(PLAYOUT_STEP_MS);
    expect(answers.at(-1)).toBe(PLAYOUT_MOST_MS);
    expect(new Set(new Picture(4).comes(60, 12, 2))).toEqual(new Set([0]));
  });

  it('stays as it is enough, and becomes shorter by steps when nothing has been lost for some time', () => {
    const picture = new Picture();
    const enough = picture.comes(3, 12, 8).at(-1);
    expect(enough).toBe(PLAYOUT_STEP_MS);
    expect(new Set(picture.comes(60, 12, 0))).toEqual(new Set([enough]));
    picture.comes(4, 0, 0);
    expect(picture.comes(CALM - 1, 0, 0)[0]).toBe(PLAYOUT_STEP_MS);
    expect(picture.comes(2, 0, 0).at(-1)).toBe(0);
  });

  it('is judged anew by a stream that begins to count anew', () => {
    const picture = new Picture();
    picture.comes(10, 0, 0);
    picture.beginsAnew();
    expect(picture.comes(3, 0, 0)).toEqual([0, 0, 0]);
    expect(picture.comes(10, 12, 8).at(-1)).toBe(PLAYOUT_MOST_MS);
  });

  it('is each stream’s own, and told when it changes', () => {
    const playouts = new Playouts();
    const at = (second: number) => {
      const packets = 100 * second;
      const good = { packets, asked: 0, decoded: 25 * second, dropped: 0 };
      const bad = { packets, asked: 12 * second, decoded: 15 * second, dropped: 10 * second };
      const pictures = new Map([['3', good]]).set('5', bad);
      return playouts.observe(pictures, second * SECOND);
    };
    expect([0, 1].map((second) => at(second).size)).toEqual([0, 0]);
    expect(at(2)).toEqual(new Map([['5', PLAYOUT_STEP_MS]]));
    expect(at(3).size).toBe(0);
  });
});
