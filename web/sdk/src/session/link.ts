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
export function readRefusal(hash: string): ErrorCode | null {
  const said = /^#e=(sign_in_\w+|second_factor_missing|unavailable|malformed)$/.exec(hash);
  return said === null ? null : (said[1] as ErrorCode);
}

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
