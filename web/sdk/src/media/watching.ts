/** Whether anybody looks at this page, so that no picture is sent in vain. */

import { UNSEEN_AFTER_MS } from './limits.ts';

export class Watching {
  readonly #changed: () => void;
  #seen = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const [type, target] of this.#events()) target.addEventListener(type, this.#look);
    this.#look();
  }

  /** The page is in front, or its picture floats above others. */
  get seen(): boolean {
    return this.#seen;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const [type, target] of this.#events()) target.removeEventListener(type, this.#look);
  }

  #events(): [string, EventTarget][] {
    const types = ['visibilitychange', 'enterpictureinpicture', 'leavepictureinpicture'];
    return types.map((type) => [type, document]);
  }

  /** Who comes back sees at once; a glance at another tab stops nothing. */
  readonly #look = (): void => {
    clearTimeout(this.#timer);
    const floating = document.pictureInPictureElement ?? null;
    if (document.visibilityState === 'visible' || floating !== null) this.#set(true);
    else this.#timer = setTimeout(() => this.#set(false), UNSEEN_AFTER_MS);
  };

  #set(seen: boolean): void {
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#changed();
  }
}
