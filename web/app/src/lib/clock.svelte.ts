/** The time, once a second, for everything that counts on the page. */

import { getContext } from 'svelte';

export interface Clock {
  /** Milliseconds since the epoch by the local clock; reactive. */
  readonly now: number;
}

const SECOND = 1000;

/** A clock that ticks at the full second, so that all durations on a page step together. */
export class TickingClock implements Clock {
  now = $state(Date.now());

  /** Starts ticking; returns how to stop. */
  start(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      this.now = Date.now();
      timer = setTimeout(tick, SECOND - (this.now % SECOND));
    };
    tick();
    return () => clearTimeout(timer);
  }
}

const KEY = Symbol('clock');

/** For the context that a page is mounted with. */
export function clockContext(clock: Clock): [symbol, Clock] {
  return [KEY, clock];
}

export function useClock(): Clock {
  return getContext<Clock>(KEY);
}
