/** How far the comparing of the safety code is. A new code begins it anew. */

export type Verdict = 'same' | 'different' | 'later';

export interface Comparison {
  /** The code that was judged, in its long form. */
  readonly code: string;
  readonly verdict: Verdict;
}

export type Standing = 'none' | 'ask' | Verdict;

export function standing(code: string | null, comparison: Comparison | null): Standing {
  if (code === null) return 'none';
  return comparison?.code === code ? comparison.verdict : 'ask';
}
