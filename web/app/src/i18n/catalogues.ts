/** All catalogues. Both are in the page, so that the switch works without a network. */

import type { Catalogue } from './catalogue.ts';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';
import type { Language } from './language.ts';
import { frenchSpaces } from './typography.ts';

function mapped(catalogue: Catalogue, change: (message: string) => string): Catalogue {
  const entries = Object.entries(catalogue).map(([key, message]) => [key, change(message)]);
  return Object.fromEntries(entries) as Catalogue;
}

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = {
  en,
  fr: mapped(fr, frenchSpaces),
};
