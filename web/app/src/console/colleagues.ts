/** Whom a practitioner can ask along, and what they answered. */

import type { InvitationView, TransferTarget } from '@vestibule/client';
import type { Colleagues } from '../company/words.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';

/** Those to whom a visit can be handed on. */
export function colleagues(
  targets: readonly TransferTarget[],
  { t }: Pick<I18n, 't'>,
): Colleagues | undefined {
  const people = targets.flatMap(({ to, name }) =>
    to.type === 'practitioner' ? [{ id: to.id, name }] : [],
  );
  if (people.length === 0) return undefined;
  return { heading: t('asked.colleagues'), ask: t('asked.ask'), declined: t('asked.no'), people };
}

/** Who was asked along and said no, each with the invitation that they declined. */
export function refusals(
  companions: readonly InvitationView[],
): { readonly invitation: string; readonly name: string }[] {
  return companions.flatMap(({ invitation, colleague, declined }) =>
    declined && colleague ? [{ invitation, name: colleague }] : [],
  );
}
