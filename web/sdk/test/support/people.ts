import type { Identity } from '../../src/crypto/identity.ts';
import type { Roster } from '../../src/crypto/policy.ts';

/** An id that shows its number. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;
}

/** A participant with one of their pages. */
export function person(participant: number, instance: number): Identity {
  return { participant: uuid(participant), instance: uuid(instance) };
}

/** A roster of these people, of whom some may commit. */
export function roster(people: readonly Identity[], committers: readonly Identity[]): Roster {
  const holds = (list: readonly Identity[], one: Identity): boolean =>
    list.some((it) => it.participant === one.participant && it.instance === one.instance);
  return {
    admits: (identity) => holds(people, identity),
    mayCommit: (identity) => holds(committers, identity),
  };
}
