/** What the gallery offers to its tests, as `window.gallery`. */

import type { Language } from '../i18n/language.ts';
import type { FixtureClient } from './client.ts';

export interface Gallery {
  readonly scenes: readonly string[];
  /** Shows one scene; resolves when its steps are done. */
  show(id: string, language: Language): Promise<void>;
  /** The client of the scene that is shown. */
  client: FixtureClient | null;
}
