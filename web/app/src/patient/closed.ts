/** Whether what a patient would choose takes anybody in now. */

import type { Closed, OfferedService, Wish } from '@vestibule/client';

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

/** Why the chosen service takes nobody in. */
export function chosenClosed(
  offered: readonly OfferedService[],
  wish: Wish | undefined,
): Closed | null {
  const chosen = offered.find(({ service }) => service === wish?.service) ?? offered[0];
  return chosen?.closed ?? null;
}
