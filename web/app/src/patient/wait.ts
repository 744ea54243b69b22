/** What is left of the wait that was told, in minutes as people say them. */

import type { Wait } from '@vestibule/client';

export interface Minutes {
  readonly low: number;
  readonly high: number;
}

const MINUTE = 60_000;
/** Above this, minutes are said by fives. */
const COARSE_FROM = 10;
const COARSE = 5;

/**
 * Rounded outward, so that what is said is never narrower than what is known; null when nothing is, or
 * when the time is over, for then it was wrong and is not to be said any more.
 */
export function minutesLeft(wait: Wait | undefined, serverNow: number): Minutes | null {
  if (wait === undefined) return null;
  const passed = Math.max(0, serverNow - wait.from) / MINUTE;
  if (passed > wait.high) return null;
  return { low: down(Math.max(0, wait.low - passed)), high: up(wait.high - passed) };
}

function down(minutes: number): number {
  const step = minutes >= COARSE_FROM ? COARSE : 1;
  return Math.floor(minutes / step) * step;
}

function up(minutes: number): number {
  const step = minutes > COARSE_FROM ? COARSE : 1;
  return Math.max(1, Math.ceil(minutes / step) * step);
}
