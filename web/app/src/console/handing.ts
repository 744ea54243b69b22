/** Why somebody could not be handed on, as a practitioner reads it. */

import type { Action } from '../client/action.svelte.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { failureMessage } from '../problems/messages.ts';

export function handingFailure(
  { failure, opensAt }: Pick<Action, 'failure' | 'opensAt'>,
  { t, moment }: Pick<I18n, 't' | 'moment'>,
): string {
  if (failure === 'quota_reached' && opensAt !== null) {
    return t('desk.transfer.quota', { when: moment(opensAt, Date.now()) });
  }
  if (failure === 'not_practised') return t('desk.transfer.which');
  return failure ? t(failureMessage(failure)) : '';
}
