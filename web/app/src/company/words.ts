/** How companions are told of in a line. */

import type { CompanionRole, InvitationView } from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';

export const ROLES: readonly CompanionRole[] = [
  'parent',
  'interpreter',
  'second_practitioner',
  'other',
];

/** Those who came, by name and role: "Sofie (interpreter)". */
export function company(
  companions: readonly InvitationView[],
  { t }: Pick<I18n, 't'>,
): readonly string[] {
  return companions.flatMap(({ name, role, connected }) =>
    name && connected ? [`${name} (${t(`company.as.${role}`)})`] : [],
  );
}
