/** Keeps what did not change: whoever follows a state compares by reference. */

/** `before` if its fields are those of `after`. */
export function keepFields<T extends object>(before: T | undefined, after: T): T {
  if (before === undefined) return after;
  const keys = Object.keys(after) as (keyof T)[];
  return keys.every((key) => Object.is(before[key], after[key])) ? before : after;
}

/** `before` if its entries are those of `after`; otherwise the entries that are. */
export function keepSame<T extends object>(
  before: readonly T[],
  after: readonly T[],
): readonly T[] {
  const kept = after.map((one, index) => keepFields(before[index], one));
  const same = kept.length === before.length && kept.every((one, index) => one === before[index]);
  return same ? before : kept;
}
