/**
 * Every page in every state: opened under the strict policy, without errors, accessible, and whole
 * from 320 px on. Screenshots, if any are taken, land in `dist/screenshots` beside this file.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESKTOP, type Look, NARROW, PHONE, openBrowser } from './browser.ts';
import { accessibilityBreaches, addAxe, clippedTexts, layoutBreaches } from './measures.ts';
import { openGallery, sceneIds, showScene } from './scenes.ts';

const SHOTS = join(import.meta.dirname, 'dist/screenshots');
const LANGUAGES = ['en', 'fr'] as const;
type Language = (typeof LANGUAGES)[number];
const LOOK_MS = 240_000;

/** `npm run screenshots` takes every scene in both languages at every look; a test run takes one. */
const EVERYTHING = process.env['GALLERY'] === 'everything';

/** Only scenes whose name contains this, for a quick look while working. */
const ONLY = process.env['SCENE'] ?? '';

/** A picture takes as long as all that is measured, and nobody looks at those of a test run. */
const PICTURES = EVERYTHING || ONLY !== '';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function scenes(page: Page): Promise<string[]> {
  return (await sceneIds(page)).filter((id) => id.includes(ONLY));
}

/** What a person sees: a size, a scheme and a language. */
interface View extends Look {
  readonly language: Language;
  /** Whether accessibility is measured: one look for each size and each scheme is enough for a run. */
  readonly measured: boolean;
}

const HALF: readonly View[] = [
  { ...PHONE, scheme: 'light', language: 'en', measured: true },
  { ...PHONE, scheme: 'dark', language: 'fr', measured: EVERYTHING },
  { ...DESKTOP, scheme: 'light', language: 'fr', measured: EVERYTHING },
  { ...DESKTOP, scheme: 'dark', language: 'en', measured: true },
];
const other = (language: Language): Language => (language === 'en' ? 'fr' : 'en');
const VIEWS = EVERYTHING
  ? HALF.flatMap((view) => [view, { ...view, language: other(view.language) }])
  : HALF;

/**
 * A dialog stands before what the screen shows. Anything else is taken whole, by a screen that is as
 * high as the page: what sticks to the screen's edge is then where it belongs.
 */
async function takePicture(page: Page, path: string, look: Look): Promise<void> {
  const modal = (await page.locator('dialog[open]').count()) > 0;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const whole = !modal && height > look.height;
  if (whole) await page.setViewportSize({ width: look.width, height });
  await page.screenshot({ path });
  if (whole) await page.setViewportSize({ width: look.width, height: look.height });
}

async function breachesOf(page: Page, measured: boolean): Promise<string[]> {
  return [
    ...(measured ? await accessibilityBreaches(page) : []),
    ...(await layoutBreaches(page)),
    ...(await clippedTexts(page)),
  ];
}

describe('gallery', () => {
  test.each(VIEWS)(
    'every scene at $width x $height, $scheme, in $language, is shown, accessible and whole',
    async (view) => {
      const { page, complaints } = await openGallery(browser, view);
      await addAxe(page);
      const folder = join(SHOTS, `${view.width}x${view.height}-${view.scheme}-${view.language}`);
      if (PICTURES) mkdirSync(folder, { recursive: true });
      const breaches: string[] = [];
      for (const id of await scenes(page)) {
        await showScene(page, id, view.language);
        if (PICTURES) await takePicture(page, join(folder, `${id}.png`), view);
        breaches.push(
          ...(await breachesOf(page, view.measured)).map((breach) => `${id}: ${breach}`),
        );
      }
      await page.context().close();
      expect(breaches).toEqual([]);
      expect(complaints).toEqual([]);
    },
    LOOK_MS,
  );

  test(
    'every scene is whole at 320 px, in both languages',
    async () => {
      const { page } = await openGallery(browser, { ...NARROW, scheme: 'light' });
      const breaches: string[] = [];
      for (const language of LANGUAGES) {
        for (const id of await scenes(page)) {
          await showScene(page, id, language);
          const found = [...(await layoutBreaches(page)), ...(await clippedTexts(page))];
          breaches.push(...found.map((breach) => `${id} (${language}): ${breach}`));
        }
      }
      await page.context().close();
      expect(breaches).toEqual([]);
    },
    LOOK_MS,
  );
});
