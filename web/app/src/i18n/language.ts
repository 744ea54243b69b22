/** Which languages there are, and which one a page starts in. */

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name, for the switch. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  fr: 'Français',
};

/** Dates and times of day by the region's custom; Belgian where the language is spoken there. */
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-BE' };

function known(tag: string | null | undefined): Language | null {
  const primary = tag?.toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language === primary) ?? null;
}

/** The address first, then what was chosen before, then the browser's wishes in order. */
export function chooseLanguage(
  search: string,
  stored: string | null,
  wishes: readonly string[],
): Language {
  const asked = known(new URLSearchParams(search).get('lang')) ?? known(stored);
  return asked ?? wishes.map(known).find((language) => language !== null) ?? 'en';
}
