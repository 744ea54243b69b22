/** What is open on the consultation's view, and what was read: the page's own small state. */

import type { ChatEntry } from '@vestibule/client';
import { received } from './chat.ts';
import { type Comparison, type Verdict, standing } from './comparison.ts';

export class ConsultationUi {
  chatOpen = $state(false);
  explaining = $state(false);
  leaving = $state(false);
  inviting = $state(false);
  helpDismissed = $state(false);
  #comparison = $state.raw<Comparison | null>(null);
  #read = $state.raw<Read | null>(null);

  /** How far the comparing of this code is. */
  standing(code: string | null) {
    return standing(code, this.#comparison);
  }

  judge(code: string, verdict: Verdict): void {
    this.#comparison = { code, verdict };
  }

  /** Messages that came while the chat was closed. */
  unread(consultation: string, chat: readonly ChatEntry[]): number {
    const read = this.#read ?? recall();
    const before = read?.consultation === consultation ? read.count : 0;
    return this.chatOpen ? 0 : Math.max(0, received(chat) - before);
  }

  /** Remembers what is on the screen as read. */
  markRead(consultation: string, chat: readonly ChatEntry[]): void {
    if (!this.chatOpen) return;
    const read = { consultation, count: received(chat) };
    this.#read = read;
    remember(read);
  }
}

/** How many messages of a consultation were read in this tab: a reload must not call them new. */
interface Read {
  readonly consultation: string;
  readonly count: number;
}

const KEY = 'vestibule.read';

function recall(): Read | null {
  try {
    const [consultation, count] = sessionStorage.getItem(KEY)?.split(' ') ?? [];
    return consultation ? { consultation, count: Number(count) || 0 } : null;
  } catch {
    return null;
  }
}

function remember({ consultation, count }: Read): void {
  try {
    sessionStorage.setItem(KEY, `${consultation} ${count}`);
  } catch {
    // Storage is refused; then a reload counts them again.
  }
}
