/** A part of a page that is fetched once the rest is there. */

/** Between tries: a server that restarts is back in a few. */
const RETRY_MS = 2000;

export interface Later<T> {
  /** `null` until it is there. */
  readonly current: T | null;
}

/** Fetches a part as soon as it may be needed, and again and again while the network fails. */
export function later<T>(fetchPart: () => Promise<T>, needed: () => boolean): Later<T> {
  let current = $state.raw<T | null>(null);
  // A new snapshot that changes nothing of this must not begin the try anew.
  const wanted = $derived(needed());
  $effect(() => {
    if (!wanted || current !== null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const fetchIt = async () => {
      const part = await fetchPart().catch(() => null);
      if (over) return;
      if (part === null) timer = setTimeout(() => void fetchIt(), RETRY_MS);
      else current = part;
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
