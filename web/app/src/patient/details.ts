/** The form of step one: what is wrong with it, before the server has to say so. */

import type { Wish } from '@vestibule/client';
import { NAME_CHARS, REASON_CHARS } from '../limits.ts';
import { length } from '../lib/text.ts';

export interface Details {
  readonly name: string;
  readonly reason: string;
  /** What and whom they ask for, once they chose. */
  readonly wish?: Wish | undefined;
}

export interface Mistakes {
  readonly name: 'missing' | 'long' | null;
  /** Characters too many. */
  readonly reason: number;
}

export function mistakes(details: Details): Mistakes {
  const name = length(details.name);
  return {
    name: name === 0 ? 'missing' : name > NAME_CHARS ? 'long' : null,
    reason: Math.max(0, length(details.reason) - REASON_CHARS),
  };
}

export function isComplete(details: Details): boolean {
  const found = mistakes(details);
  return found.name === null && found.reason === 0;
}
