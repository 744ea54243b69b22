/** What a practitioner has chosen for this console; it is kept on the device. */

import { readPreference, writePreference } from '../lib/preferences.ts';

export class ConsoleChoices {
  #sound = $state(readPreference('arrival-sound') === 'on');
  /** On unless turned off: single keys can be in the way of speech control (WCAG 2.1.4). */
  #shortcuts = $state(readPreference('shortcuts') !== 'off');

  get sound(): boolean {
    return this.#sound;
  }

  setSound(on: boolean): void {
    this.#sound = on;
    writePreference('arrival-sound', on ? 'on' : 'off');
  }

  get shortcuts(): boolean {
    return this.#shortcuts;
  }

  setShortcuts(on: boolean): void {
    this.#shortcuts = on;
    writePreference('shortcuts', on ? 'on' : 'off');
  }
}
