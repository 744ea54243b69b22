/** What else a line of the waiting room says of a patient. */

import type { WaitingEntry } from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';

/** Only what is out of the ordinary: an appointment, another service than one's own, a language, a wish for oneself; or one's own patient. */
export function entryFacts(
  { appointment, service, language, named, regular }: WaitingEntry,
  own: string,
  clockOffset: number,
  { t, time }: Pick<I18n, 't' | 'time'>,
): string[] {
  return [
    regular && t('queue.regular'),
    named && t('queue.named'),
    appointment !== undefined && t('queue.appointment', { time: time(appointment - clockOffset) }),
    service !== own && service,
    language?.toUpperCase(),
  ].filter((fact): fact is string => typeof fact === 'string');
}
