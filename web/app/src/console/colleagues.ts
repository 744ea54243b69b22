/** Whom a practitioner can ask along: those to whom a visit can be handed on. */

import type { TransferTarget } from '@vestibule/client';
import type { Colleagues } from '../company/words.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';

export function colleagues(
  targets: readonly TransferTarget[],
  { t }: Pick<I18n, 't'>,
): Colleagues | undefined {
  const people = targets.flatMap(({ to, name }) =>
    to.type === 'practitioner' ? [{ id: to.id, name }] : [],
  );
  if (people.length === 0) return undefined;
  return { heading: t('asked.colleagues'), ask: t('asked.ask'), people };
}
