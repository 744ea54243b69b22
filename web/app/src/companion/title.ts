/** What the tab of a companion's page says. */

import type { I18n } from '../i18n/i18n.svelte.ts';
import type { CompanionView } from './view.ts';

export function companionTitle(view: CompanionView, { t }: Pick<I18n, 't'>): string {
  switch (view.kind) {
    case 'opening':
    case 'problem':
    case 'replaced':
      return t('brand.name');
    case 'invited':
      return t('companion.title.invited');
    case 'waiting':
      return t('companion.title.waiting');
    case 'away':
      return t('companion.title.away');
    case 'held':
      return t('patient.title.held');
    case 'consultation':
      return t('patient.title.consultation');
    case 'over':
      return t('companion.title.over');
  }
}
