/** Calls `changed` whenever the value becomes another one; not for the first. */
export function onChange<Value>(
  get: () => Value,
  changed: (now: Value, before: Value) => void,
): void {
  let before: { readonly value: Value } | null = null;
  $effect(() => {
    const now = get();
    const last = before;
    before = { value: now };
    if (last && last.value !== now) changed(now, last.value);
  });
}
