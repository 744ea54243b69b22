/** A part of a page that is fetched once the rest is there. */

import { forgetLoadingAnew, loadAnew } from './anew.ts';

/** Between tries: a server that restarts is back in a few. */
const RETRY_MS = 2000;

export interface Later<T> {
  /** `null` until it is there. */
  readonly current: T | null;
}

/**
 * Fetches a part as soon as it may be needed, and again and again while the network fails. Firefox before version 155 and
 * Safari fail each further time without asking (whatwg/html#10327): once there is nothing to show without the part, the page is loaded anew.
 */
export function later<T>(
  fetchPart: () => Promise<T>,
  needed: () => boolean,
  urgent: () => boolean,
): Later<T> {
  let current = $state.raw<T | null>(null);
  // A new snapshot that changes nothing of this must not begin the try anew.
  const wanted = $derived(needed());
  $effect(() => {
    if (!wanted || current !== null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let failures = 0;
    const fetchIt = async () => {
      const part = await fetchPart().catch(() => null);
      if (over) return;
      if (part !== null) {
        current = part;
        forgetLoadingAnew();
        return;
      }
      failures += 1;
      if (failures > 1 && urgent() && (await loadAnew())) return;
      if (over) return;
      timer = setTimeout(() => void fetchIt(), RETRY_MS);
    };
    void fetchIt();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  });
  return {
    get current() {
      return current;
    },
  };
}
