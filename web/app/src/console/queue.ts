/** What is new in the waiting room. */

import type { WaitingEntry } from '@vestibule/client';

/** Those who were not there before; nobody is new to a page that has just opened. */
export function arrivals(
  before: readonly WaitingEntry[] | null,
  now: readonly WaitingEntry[],
): WaitingEntry[] {
  if (!before) return [];
  const known = new Set(before.map((entry) => entry.visit));
  return now.filter((entry) => !known.has(entry.visit));
}

/** How long somebody has waited, by the server's clock; never negative. */
export function waited(entry: WaitingEntry, now: number, clockOffset: number): number {
  return Math.max(0, now + clockOffset - entry.arrived_at);
}
