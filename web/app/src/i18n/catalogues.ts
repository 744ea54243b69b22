/** What is said in each language. All are in the page, so that the switch works without a network. */

import type { Catalogue } from './catalogue.ts';
import { shared as en } from './en/shared.ts';
import { shared as fr } from './fr/shared.ts';
import type { Language } from './language.ts';
import { frenchSpaces } from './typography.ts';

type Texts = Readonly<Record<string, string>>;

function spaced(texts: Texts): Texts {
  const entries = Object.entries(texts).map(([key, message]) => [key, frenchSpaces(message)]);
  return Object.fromEntries(entries) as Texts;
}

/** Whole once the parts of the other pages are added: patients' pages do without them, and say nothing of them. */
export const CATALOGUES = { en: { ...en }, fr: spaced(fr) } as unknown as Record<
  Language,
  Catalogue
>;

/** Adds a part that only some pages have. */
export function addTexts(part: Readonly<Record<Language, Texts>>): void {
  Object.assign(CATALOGUES.en, part.en);
  Object.assign(CATALOGUES.fr, spaced(part.fr));
}
