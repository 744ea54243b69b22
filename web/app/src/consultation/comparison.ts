/** How far the comparing of the safety code is. A new code begins it anew. */

export type Verdict = 'same' | 'different' | 'later';

export interface Comparison {
  /** The code that was judged. */
  readonly digits: string;
  readonly verdict: Verdict;
}

export type Standing = 'none' | 'ask' | Verdict;

export function standing(digits: string | null, comparison: Comparison | null): Standing {
  if (digits === null) return 'none';
  return comparison?.digits === digits ? comparison.verdict : 'ask';
}
