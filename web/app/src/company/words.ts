/** How companions are told of in a line. */

import type { CompanionRole, InvitationView } from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';

export const ROLES: readonly CompanionRole[] = [
  'parent',
  'interpreter',
  'second_practitioner',
  'other',
];

/** Whom a practitioner can ask along without a link, and how that is said. */
export interface Colleagues {
  readonly heading: string;
  readonly ask: string;
  /** That one of them said no. */
  readonly declined: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

/** Those who came, by name and role: "Sofie (interpreter)". */
export function company(
  companions: readonly InvitationView[],
  { t }: Pick<I18n, 't'>,
): readonly string[] {
  return companions.flatMap(({ name, role, connected }) =>
    name && connected ? [`${name} (${t(`company.as.${role}`)})`] : [],
  );
}
