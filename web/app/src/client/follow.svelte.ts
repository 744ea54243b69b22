/** The client's state as a rune: the states never change once handed out, so the reference says all. */

import type { ClientState, VestibuleClient } from '@vestibule/client';
import { onDestroy } from 'svelte';

/** A page keeps its client for its whole life. */
export function follow(get: () => VestibuleClient): { readonly current: ClientState } {
  const client = get();
  let current = $state.raw(client.state);
  onDestroy(
    client.subscribe((state) => {
      current = state;
    }),
  );
  return {
    get current() {
      return current;
    },
  };
}
