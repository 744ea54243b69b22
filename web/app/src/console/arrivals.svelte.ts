/** Announces new arrivals: in words, by a sound where wished, and by a mark that fades. */

import type { WaitingEntry } from '@vestibule/client';
import { SvelteSet } from 'svelte/reactivity';
import { NEW_ARRIVAL_MS } from '../limits.ts';
import { soundArrival } from '../lib/sound.ts';
import { arrivals } from './queue.ts';

export interface Announcer {
  /** The visits that came a moment ago. */
  readonly fresh: ReadonlySet<string>;
  /** The last who came, for the live region. */
  readonly latest: string;
}

/** `waiting` is null until the first snapshot. */
export function announceArrivals(
  waiting: () => readonly WaitingEntry[] | null,
  withSound: () => boolean,
): Announcer {
  const fresh = new SvelteSet<string>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let latest = $state('');
  let before: readonly WaitingEntry[] | null = null;

  function mark(visit: string) {
    fresh.add(visit);
    const timer = setTimeout(() => {
      fresh.delete(visit);
      timers.delete(timer);
    }, NEW_ARRIVAL_MS);
    timers.add(timer);
  }

  $effect(() => {
    const now = waiting();
    if (!now) return;
    const came = arrivals(before, now);
    before = now;
    if (came.length === 0) return;
    for (const entry of came) mark(entry.visit);
    latest = came.map((entry) => entry.name).join(', ');
    if (withSound()) soundArrival();
  });
  $effect(() => () => timers.forEach((timer) => clearTimeout(timer)));

  return {
    fresh,
    get latest() {
      return latest;
    },
  };
}
