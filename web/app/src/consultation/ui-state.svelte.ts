/** What is open on the consultation's view, and what was read: the page's own small state. */

import type { ChatEntry } from '@vestibule/client';
import { received } from './chat.ts';
import { type Comparison, type Verdict, standing } from './comparison.ts';

export class ConsultationUi {
  chatOpen = $state(false);
  explaining = $state(false);
  leaving = $state(false);
  helpDismissed = $state(false);
  #comparison = $state.raw<Comparison | null>(null);
  #read = $state(0);

  /** How far the comparing of this code is. */
  standing(code: string | null) {
    return standing(code, this.#comparison);
  }

  judge(code: string, verdict: Verdict): void {
    this.#comparison = { code, verdict };
  }

  /** Messages that came while the chat was closed. */
  unread(chat: readonly ChatEntry[]): number {
    return this.chatOpen ? 0 : Math.max(0, received(chat) - this.#read);
  }

  /** Remembers what is on the screen as read. */
  markRead(chat: readonly ChatEntry[]): void {
    if (this.chatOpen) this.#read = received(chat);
  }
}
