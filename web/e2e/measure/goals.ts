/** What a measurement is to reach, printed beside what it reached; a goal that is missed fails the run. */
import { expect } from 'vitest';
import { add } from './table.ts';

const missed: string[] = [];

/** A figure that is to be at most, or at least, this much. */
export function goal(
  what: string,
  seen: number,
  bound: { most: number } | { least: number },
): void {
  const [reached, word, limit] =
    'most' in bound
      ? [seen <= bound.most, 'at most', bound.most]
      : [seen >= bound.least, 'at least', bound.least];
  const figure = Number.isInteger(seen) ? String(seen) : seen.toFixed(1);
  add(`goal: ${what}`, `${figure}; ${word} ${limit}: ${reached ? 'reached' : 'MISSED'}`);
  if (!reached) missed.push(`${what}: ${figure}`);
}

/** Fails if a goal was missed. */
export function allReached(): void {
  expect(missed).toEqual([]);
}
