/** Why somebody could not be handed on, or called back, as a practitioner reads it. */

import type { Action } from '../client/action.svelte.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { failureMessage } from '../problems/messages.ts';

type Failed = Pick<Action, 'failure' | 'opensAt'>;
type Words = Pick<I18n, 't' | 'moment'>;

export function callingFailure({ failure, opensAt }: Failed, { t, moment }: Words): string {
  if (failure === 'quota_reached' && opensAt !== null) {
    return t('desk.call.quota', { when: moment(opensAt, Date.now()) });
  }
  return failure ? t(failureMessage(failure)) : '';
}

export function handingFailure({ failure, opensAt }: Failed, { t, moment }: Words): string {
  if (failure === 'quota_reached' && opensAt !== null) {
    return t('desk.transfer.quota', { when: moment(opensAt, Date.now()) });
  }
  if (failure === 'not_practised') return t('desk.transfer.which');
  return failure ? t(failureMessage(failure)) : '';
}
