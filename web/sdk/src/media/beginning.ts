/** Until when the camera's picture is small, so that its first frame is there soon. */

import { BEGINNING_LOOKS, BEGINNING_LOOKS_TOLD, GROWN } from './limits.ts';

export class Beginning {
  #looks = 0;

  /** Looks at what the line is believed to take while pictures are sent; null where a browser does not say. */
  isOver(estimate: number | null): boolean {
    this.#looks += 1;
    if (estimate === null) return this.#looks >= BEGINNING_LOOKS;
    return estimate >= GROWN || this.#looks >= BEGINNING_LOOKS_TOLD;
  }
}
