/** Admitting somebody from the list, and asking why first when others who are ready stand before. */

import type { VestibuleClient, WaitingEntry } from '@vestibule/client';
import { Action } from '../client/action.svelte.ts';
import { needsReason } from './overtaking.ts';

export class Admitting {
  readonly action = new Action();
  /** Whom, while it is under way. */
  admitted = $state<string | null>(null);
  /** For whom a reason is asked. */
  asking = $state.raw<WaitingEntry | null>(null);

  async admit(client: VestibuleClient, waiting: readonly WaitingEntry[], entry: WaitingEntry) {
    if (needsReason(waiting, entry)) {
      this.action.clear();
      this.asking = entry;
      return;
    }
    this.admitted = entry.visit;
    await this.action.run(() => client.admit(entry.visit));
    this.admitted = null;
    // The order has changed since this page was told.
    if (this.action.failure === 'overtake_needs_a_reason') {
      this.action.clear();
      this.asking = entry;
    }
  }

  /** The question is answered, or taken back. */
  close() {
    this.asking = null;
  }
}
