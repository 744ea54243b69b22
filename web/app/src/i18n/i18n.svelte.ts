/** The page's language, and everything that is said in it. */

import { getContext } from 'svelte';
import { type Key, type Parameters, type PluralKey, fill } from './catalogue.ts';
import { CATALOGUES } from './catalogues.ts';
import { moment, spokenDuration, timeOfDay } from './format.ts';
import { type Language, LOCALES } from './language.ts';

export class I18n {
  #language: Language = $state('en');
  readonly #chosen: (language: Language) => void;

  /** `chosen` is told of every change made by hand, so that it can be remembered. */
  constructor(language: Language, chosen: (language: Language) => void = () => undefined) {
    this.#language = language;
    this.#chosen = chosen;
  }

  get language(): Language {
    return this.#language;
  }

  choose(language: Language): void {
    this.#language = language;
    this.#chosen(language);
  }

  /** The message, with its placeholders filled. */
  t = <K extends Key>(key: K, ...values: Parameters<K>): string =>
    fill(CATALOGUES[this.#language][key], values[0] ?? {});

  /** The message for this number, by the language's rules; `{count}` is filled. */
  n = (key: PluralKey, count: number): string => {
    const catalogue: Readonly<Record<string, string>> = CATALOGUES[this.#language];
    const rule = new Intl.PluralRules(this.#locale).select(count);
    const message = catalogue[`${key}_${rule}`] ?? catalogue[`${key}_other`] ?? key;
    return fill(message, { count: new Intl.NumberFormat(this.#locale).format(count) });
  };

  /** A number with so many digits after the point, or the comma. */
  number = (value: number, decimals: number): string =>
    new Intl.NumberFormat(this.#locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }).format(value);

  /** A length of time in words. */
  duration = (milliseconds: number): string => spokenDuration(milliseconds, this.#locale);

  /** A time of day. */
  time = (at: number): string => timeOfDay(at, this.#locale);

  /** A moment: a time of day, and which day when it is not today. */
  moment = (at: number, now: number): string => moment(at, now, this.#locale);

  /** Several names in a sentence. */
  list = (names: readonly string[]): string => new Intl.ListFormat(this.#locale).format(names);

  /** A language by its code, in words. */
  languageName = (code: string): string =>
    new Intl.DisplayNames(this.#locale, { type: 'language' }).of(code) ?? code;

  get #locale(): string {
    return LOCALES[this.#language];
  }
}

const KEY = Symbol('i18n');

/** For the context that a page is mounted with. */
export function i18nContext(i18n: I18n): [symbol, I18n] {
  return [KEY, i18n];
}

export function useI18n(): I18n {
  return getContext<I18n>(KEY);
}
