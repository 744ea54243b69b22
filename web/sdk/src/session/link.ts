/** The link that a page was opened with: what stands behind the `#`, which no server sees. */

import type { ErrorCode } from '../wire.ts';

/** A link that may be used again and again, or one that is good for one session. */
export type Link =
  | { readonly type: 'walk_in'; readonly code: string }
  | { readonly type: 'invitation'; readonly token: string };

/** Reads `#w=CODE` or `#j=TOKEN`; null when there is neither. */
export function readLink(hash: string): Link | null {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const code = parameters.get('w');
  if (code) return { type: 'walk_in', code };
  const token = parameters.get('j');
  return token ? { type: 'invitation', token } : null;
}

/** Why a sign-in failed, as the server says behind `#e=`; null where it says nothing of that. */
export function readRefusal(hash: string): SignInCode | null {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('e');
  return SIGN_IN_CODES.find((known) => known === code) ?? null;
}

const SIGN_IN_CODES = [
  'sign_in_expired',
  'sign_in_refused',
  'sign_in_unavailable',
  'sign_in_unknown',
  'second_factor_missing',
  'unavailable',
  'malformed',
] as const satisfies readonly ErrorCode[];

type SignInCode = (typeof SIGN_IN_CODES)[number];

/** The link by which another device goes on. */
export function moveUrl(page: string, token: string): string {
  return `${page}#${new URLSearchParams({ j: token }).toString()}`;
}

/** The link of an invitation: whoever opens it first comes along. */
export function companionLink(origin: string, token: string): string {
  return `${origin}/companion#j=${token}`;
}

/** Takes the link out of the address bar, so that nobody reads it off the screen or the history. */
export function hideLink(location: Location): void {
  history.replaceState(history.state, '', location.pathname + location.search);
}
