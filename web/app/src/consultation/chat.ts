/** The chat's small sums. */

import type { ChatEntry } from '@vestibule/client';
import { CHAT_CHARS } from '../limits.ts';
import { length } from '../lib/text.ts';

/** How many messages the others have written so far, as far as is known. */
export function received(chat: readonly ChatEntry[]): number {
  return chat.filter((entry) => !entry.mine).length;
}

/** Whether this may be sent: some text, and not a book. */
export function sendable(text: string): boolean {
  const characters = length(text);
  return characters > 0 && characters <= CHAT_CHARS;
}
