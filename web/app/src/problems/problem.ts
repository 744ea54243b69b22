/** What a page says that cannot go on. */

import type { Problem, ProblemCode } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';
import type { IconName } from '../ui/icons.ts';

/** Problems that a page of their own explains; `insecure` is found before the client is opened. */
export type ProblemKind =
  | 'token_invalid'
  | 'token_expired'
  | 'token_used'
  | 'session_unknown'
  | 'no_link'
  | 'unsupported_browser'
  | 'unsupported_protocol'
  | 'insecure'
  | 'network'
  | 'rate_limited'
  | 'waiting_room_full'
  | 'other';

export interface ProblemText {
  readonly heading: PlainKey;
  readonly text: PlainKey;
  readonly icon: IconName;
  /** Reloading the page may help. */
  readonly reload: boolean;
}

const KINDS: Partial<Record<ProblemCode, ProblemKind>> = {
  token_invalid: 'token_invalid',
  not_found: 'token_invalid',
  token_expired: 'token_expired',
  token_used: 'token_used',
  proof_invalid: 'token_used',
  session_unknown: 'session_unknown',
  visit_ended: 'session_unknown',
  no_link: 'no_link',
  unsupported_browser: 'unsupported_browser',
  unsupported_protocol: 'unsupported_protocol',
  network: 'network',
  unavailable: 'network',
  rate_limited: 'rate_limited',
  waiting_room_full: 'waiting_room_full',
  limit_reached: 'waiting_room_full',
};

const ICONS: Partial<Record<ProblemKind, IconName>> = {
  insecure: 'lock',
  network: 'offline',
  unsupported_browser: 'globe',
  unsupported_protocol: 'refresh',
  rate_limited: 'clock',
  waiting_room_full: 'clock',
};

const RELOADABLE: readonly ProblemKind[] = [
  'unsupported_protocol',
  'network',
  'rate_limited',
  'waiting_room_full',
  'other',
];

export function problemKind(problem: Problem | null): ProblemKind {
  return (problem && KINDS[problem.code]) ?? 'other';
}

export function problemText(kind: ProblemKind): ProblemText {
  return {
    heading: `problem.${kind}.heading`,
    text: `problem.${kind}.text`,
    icon: ICONS[kind] ?? 'warning',
    reload: RELOADABLE.includes(kind),
  };
}
