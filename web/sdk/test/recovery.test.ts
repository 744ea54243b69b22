import { describe, expect, it } from 'vitest';
import { GROWN, NARROW, RECOVERY_MS } from '../src/media/limits.ts';
import { Recovery } from '../src/media/recovery.ts';

/** Looks at each estimate, a second apart; the places of those at which the line was said to be wide. */
function wideAt(estimates: readonly number[], recovery = new Recovery()): number[] {
  return estimates.flatMap((estimate, second) =>
    recovery.isWide(estimate, second * 1000) ? [second] : [],
  );
}

describe('a picture that was made smaller for a narrow line', () => {
  it('is as large as it may be when a new connection has found out what its line takes', () => {
    expect(wideAt([NARROW, GROWN - 1, GROWN, 2 * GROWN])).toEqual([2]);
  });

  it('is so again at once when the line is wide again, and once each time', () => {
    const narrow = Array.from({ length: 20 }, () => NARROW - 1);
    expect(wideAt([GROWN, ...narrow, GROWN - 1, GROWN, GROWN])).toEqual([0, 22]);
  });

  it('stays as the browser has it where the line was never narrow', () => {
    const wide = Array.from({ length: 60 }, (_, at) => (at % 2 ? NARROW : 2 * GROWN));
    expect(wideAt(wide)).toEqual([0]);
  });

  it('is left alone for a while on a line that changes all the time', () => {
    const changing = Array.from({ length: 60 }, (_, at) => (at % 2 ? NARROW - 1 : GROWN));
    const at = wideAt(changing);
    expect(at.length).toBeGreaterThan(2);
    for (const [before, after] of at.slice(1).map((it, index) => [at[index] ?? 0, it] as const)) {
      expect((after - before) * 1000).toBeGreaterThanOrEqual(RECOVERY_MS);
    }
  });
});
