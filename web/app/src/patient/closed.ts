/** Whether what a patient would choose takes anybody in now. */

import type { Closed, OfferedService, Wish } from '@vestibule/client';
import type { I18n } from '../i18n/i18n.svelte.ts';

/** Why nothing that is offered takes anybody in: of several, what opens first. Null when something does. */
export function allClosed(offered: readonly OfferedService[]): Closed | null {
  const closed = offered.flatMap((service) => service.closed ?? []);
  if (closed.length < offered.length) return null;
  const opening = ({ opens_at }: Closed) => opens_at ?? Infinity;
  return closed.reduce<Closed | null>(
    (first, next) => (first === null || opening(next) < opening(first) ? next : first),
    null,
  );
}

/** When it opens again, in words. */
export function opensAgain(
  opensAt: number | undefined,
  now: number,
  { t, moment, time }: Pick<I18n, 't' | 'moment' | 'time'>,
): string {
  if (opensAt === undefined) return t('closed.opens.unknown');
  const when = moment(opensAt, now);
  return t(when === time(opensAt) ? 'closed.opens.today' : 'closed.opens', { when });
}

/** Why the chosen service takes nobody in. */
export function chosenClosed(
  offered: readonly OfferedService[],
  wish: Wish | undefined,
): Closed | null {
  const chosen = offered.find(({ service }) => service === wish?.service) ?? offered[0];
  return chosen?.closed ?? null;
}
