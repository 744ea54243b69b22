/** What the console's tab says: how many wait, wherever the practitioner is looking. */

import type { I18n } from '../i18n/i18n.svelte.ts';
import type { ConsoleView } from './view.ts';

export function consoleTitle(view: ConsoleView, i18n: Pick<I18n, 't'>): string {
  const { t } = i18n;
  if (view.kind !== 'desk' && view.kind !== 'consultation') return t('console.title');
  const title = t(view.kind === 'desk' ? 'console.title' : 'console.title.consultation');
  const count = view.snapshot.waiting.length;
  return count > 0 ? t('console.title.count', { count, title }) : title;
}
