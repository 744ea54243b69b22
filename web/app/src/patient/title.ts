/** What the tab says, so that a patient in another tab sees the place and the call to come in. */

import type { I18n } from '../i18n/i18n.svelte.ts';
import type { PatientView } from './view.ts';

export function patientTitle(
  view: PatientView,
  i18n: Pick<I18n, 't'>,
  step: 'details' | 'check',
  calling: boolean,
): string {
  const { t } = i18n;
  switch (view.kind) {
    case 'opening':
    case 'problem':
    case 'replaced':
      return t('brand.name');
    case 'arriving':
      return t(step === 'details' ? 'patient.title.welcome' : 'patient.title.check');
    case 'waiting':
      return view.place === 1
        ? t('patient.title.next')
        : t('patient.title.waiting', { place: view.place });
    case 'held':
      return t('patient.title.held');
    case 'consultation':
      return t(calling ? 'patient.title.admitted' : 'patient.title.consultation');
    case 'ended':
      return t('patient.title.ended');
  }
}
