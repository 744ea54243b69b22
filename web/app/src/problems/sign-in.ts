/** Why somebody came back from the identity provider without being signed in. */

import type { Problem } from '@vestibule/client';

const FAILURES = [
  'sign_in_refused',
  'sign_in_expired',
  'sign_in_unavailable',
  'sign_in_unknown',
  'second_factor_missing',
] as const;

export type SignInFailure = (typeof FAILURES)[number];

/** Null where it is a problem of another kind. */
export function signInFailure(problem: Problem | null): SignInFailure | null {
  return FAILURES.find((failure) => failure === problem?.code) ?? null;
}
