/** Loads the page anew, for what browsers mend in no other way. */

/** Where it is kept how often that was done; the tab forgets it. */
const KEY = 'vestibule.anew';

/** Times without a cure, after which it is of no use. */
const MOST = 3;

/** For an answer of the server. */
const ANSWER_MS = 10_000;

/**
 * Loads the page anew if the server answers: without one the browser would show its own page, which not every one leaves
 * again. Resolves with whether it does.
 */
export async function loadAnew(): Promise<boolean> {
  const times = timesBefore();
  if (times >= MOST || !(await serverAnswers())) return false;
  sessionStorage.setItem(KEY, String(times + 1));
  location.reload();
  return true;
}

/** It was a cure. */
export function forgetLoadingAnew(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then nothing was kept.
  }
}

/** `MOST` where nothing can be kept, as nobody would count and it would go on for ever. */
function timesBefore(): number {
  try {
    return Number(sessionStorage.getItem(KEY)) || 0;
  } catch {
    return MOST;
  }
}

async function serverAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store', signal });
    return answer.ok;
  } catch {
    return false;
  }
}
