/** Why somebody could not be admitted: what protects the practitioner from it, and until when. */

import type { ErrorReason } from '@vestibule/client';
import type { Action } from '../client/action.svelte.ts';
import type { PlainKey } from '../i18n/catalogue.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { failureMessage } from '../problems/messages.ts';

const WORDS: Partial<Record<ErrorReason, PlainKey>> = {
  pause: 'shielded.pause',
  rest_due: 'shielded.rest_due',
  hour_cap: 'shielded.hour_cap',
  day_cap: 'shielded.day_cap',
  break_soon: 'shielded.break_soon',
  on_break: 'shielded.on_break',
  shift_ending: 'shielded.shift_ending',
  outside_shifts: 'shielded.outside_shifts',
};

/** What a practitioner reads whose admission failed; empty when it did not. */
export function notAdmitted(
  { failure, reason, opensAt }: Pick<Action, 'failure' | 'reason' | 'opensAt'>,
  clock: { readonly now: number; readonly offset: number },
  { t, moment }: Pick<I18n, 't' | 'moment'>,
): string {
  if (failure === null) return '';
  const words = failure === 'shielded' && reason !== null ? WORDS[reason] : undefined;
  const why = t(words ?? failureMessage(failure));
  if (failure !== 'shielded' || opensAt === null) return why;
  return `${why} ${t('shielded.until', { when: moment(opensAt - clock.offset, clock.now) })}`;
}
