/** What a patient can choose from, as one list: each service with whoever is free next, then by name. */

import type { OfferedService, RegularPractitioner, Wish } from '@vestibule/client';

export interface Option {
  /** Unique in the list. */
  readonly id: string;
  readonly wish: Wish;
  /** Null: whoever is free next. */
  readonly name: string | null;
  readonly onDuty: boolean;
}

export interface OptionGroup {
  readonly service: OfferedService;
  readonly options: readonly Option[];
}

/** Nothing to choose: one service and at most one practitioner. */
export function hasChoice(offered: readonly OfferedService[]): boolean {
  return offered.length > 1 || (offered[0]?.practitioners.length ?? 0) > 1;
}

/** What stands first in the list, which is what somebody asks for who leaves it so. */
export function firstWish(offered: readonly OfferedService[]): Wish | undefined {
  return hasChoice(offered) ? optionGroups(offered)[0]?.options[0]?.wish : undefined;
}

/** The languages to choose from: none where somebody is named, who speaks what they speak, or where there is only one. */
export function languagesOf(
  offered: readonly OfferedService[],
  wish: Wish | undefined,
): readonly string[] {
  if (wish?.practitioner || wish?.regular) return [];
  const service = offered.find(({ service }) => service === wish?.service) ?? offered[0];
  const languages = service?.languages ?? [];
  return languages.length > 1 ? languages : [];
}

/** The same wish, in this language or in any. */
export function wishIn(wish: Wish | undefined, language: string | undefined): Wish {
  const { service, practitioner, regular } = wish ?? {};
  return {
    ...(service && { service }),
    ...(practitioner && { practitioner }),
    ...(regular && { regular }),
    ...(language && { language }),
  };
}

export function sameWish(one: Wish, other: Wish | undefined): boolean {
  return (
    one.service === other?.service &&
    one.practitioner === other?.practitioner &&
    one.regular === other?.regular
  );
}

/** One's regular practitioner comes before the others, and is asked for as that and not by name. */
export function optionGroups(
  offered: readonly OfferedService[],
  regular?: RegularPractitioner,
): OptionGroup[] {
  return offered.map((one) => {
    const { service } = one;
    const next: Option = { id: service, wish: { service }, name: null, onDuty: true };
    const named = one.practitioners.map(({ practitioner, name, on_duty }): Option => {
      const own = practitioner === regular?.practitioner;
      const wish: Wish = own ? { service, regular: true } : { service, practitioner };
      return { id: `${service} ${practitioner}`, wish, name, onDuty: on_duty };
    });
    const own = named.filter(({ wish }) => wish.regular);
    const others = named.filter(({ wish }) => !wish.regular);
    return { service: one, options: [next, ...own, ...others] };
  });
}
