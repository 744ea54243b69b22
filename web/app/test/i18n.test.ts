import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import '../src/i18n/companion.ts';
import '../src/i18n/console.ts';
import '../src/i18n/home.ts';
import '../src/i18n/sign-in.ts';
import { console as consoleTexts } from '../src/i18n/en/console.ts';
import { fill, placeholders } from '../src/i18n/catalogue.ts';
import { CATALOGUES } from '../src/i18n/catalogues.ts';
import { chooseLanguage } from '../src/i18n/language.ts';
import { frenchSpaces } from '../src/i18n/typography.ts';

const { en, fr } = CATALOGUES;
const keys = Object.keys(en) as (keyof typeof en)[];

describe('catalogues', () => {
  test('say the same things in both languages', () => {
    expect(Object.keys(fr).sort()).toEqual([...keys].sort());
  });

  test('take the same values in both languages', () => {
    for (const key of keys) expect(placeholders(fr[key]), key).toEqual(placeholders(en[key]));
  });

  test('hold no empty text, no stray space and no straight apostrophe', () => {
    for (const message of keys.flatMap((key) => [en[key], fr[key]])) {
      expect(message).toBe(message.trim());
      expect(message).not.toBe('');
      expect(message).not.toContain("'");
    }
  });

  test('are translated: hardly any message is the same in both', () => {
    const same = keys.filter((key) => en[key] === fr[key]);
    expect(same.length / keys.length).toBeLessThan(0.06);
  });

  test('are whole on every page: the console’s part is spoken by the console alone', () => {
    const source = join(import.meta.dirname, '..', 'src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
    const others = files.filter(
      (file) => /\.(svelte|ts)$/.test(file) && !/^(console|gallery|i18n)\//.test(file),
    );
    const keys = Object.keys(consoleTexts).map((key) => key.replace(/_(one|other)$/, ''));
    for (const file of others) {
      const text = readFileSync(join(source, file), 'utf8');
      for (const key of keys) expect(text.includes(`'${key}'`), `${key} in ${file}`).toBe(false);
    }
  });

  test('no French punctuation can be torn from its word', () => {
    for (const key of keys) expect(fr[key]).not.toMatch(/ [:;?!»]|« /);
    expect(frenchSpaces('Pourquoi ?')).toBe('Pourquoi\u00a0?');
  });
});

describe('a message', () => {
  test('gets its values', () => {
    expect(fill('Number {place} of {total}', { place: 2, total: 5 })).toBe('Number 2 of 5');
  });

  test('shows a name without a value, so that the mistake is seen', () => {
    expect(fill('Hello {name}', {})).toBe('Hello {name}');
  });

  test('does not read a value as a pattern', () => {
    expect(fill('{name}: {text}', { name: '{text}', text: '$&' })).toBe('{text}: $&');
  });
});

describe('the language of a page', () => {
  test('is the one in the address', () => {
    expect(chooseLanguage('?lang=fr', 'en', ['en'])).toBe('fr');
  });

  test('else the one chosen before', () => {
    expect(chooseLanguage('', 'fr', ['en-GB'])).toBe('fr');
    expect(chooseLanguage('?lang=xx', 'fr', ['en-GB'])).toBe('fr');
  });

  test('else the first of the browser’s that there is', () => {
    expect(chooseLanguage('', null, ['nl-BE', 'fr-BE', 'en'])).toBe('fr');
  });

  test('else English', () => {
    expect(chooseLanguage('', null, ['nl', 'pl'])).toBe('en');
    expect(chooseLanguage('', 'klingon', [])).toBe('en');
  });
});
