/** Who is drawn in the waiting room's picture. */

import { PEOPLE_DRAWN } from '../limits.ts';

export interface Figure {
  /** How far ahead of the patient: 0 is the patient. Stable while the queue moves. */
  readonly ahead: number;
  /** The place from the door, from 1. */
  readonly place: number;
}

export interface Scene {
  /** From the patient towards the door. */
  readonly figures: readonly Figure[];
  /** There are more people than are drawn: the line is cut by dots. */
  readonly more: boolean;
}

/** The patient and up to five people ahead; with more, those nearest the patient are drawn. */
export function queueScene(place: number): Scene {
  const ahead = Math.max(0, place - 1);
  const drawn = Math.min(ahead, PEOPLE_DRAWN);
  return {
    figures: Array.from({ length: drawn + 1 }, (_, index) => ({
      ahead: index,
      place: drawn + 1 - index,
    })),
    more: ahead > PEOPLE_DRAWN,
  };
}
