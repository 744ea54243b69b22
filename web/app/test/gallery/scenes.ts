/** Opens the gallery in a browser and shows its scenes. */

import type { Browser, Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Gallery } from '../../src/gallery/gallery.ts';
import { type Look, collectComplaints, openContext } from './browser.ts';

declare global {
  interface Window {
    gallery: Gallery;
  }
}

export interface OpenGallery {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export async function openGallery(browser: Browser, look: Look): Promise<OpenGallery> {
  const context = await openContext(browser, look);
  const page = await context.newPage();
  const complaints = collectComplaints(page);
  await page.goto(`${inject('galleryOrigin')}/gallery.html`);
  return { page, complaints };
}

export function sceneIds(page: Page): Promise<string[]> {
  return page.evaluate(() => [...window.gallery.scenes]);
}

/** Resolves when fonts are there and every picture has a frame. */
export async function showScene(page: Page, id: string, language: 'en' | 'fr'): Promise<void> {
  await page.evaluate(([scene, lang]) => window.gallery.show(scene, lang), [id, language] as const);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].every((video) => video.readyState >= 2),
  );
}

/** What the page asked of the client since the scene was shown, as `action(values)`. */
export function asked(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    (window.gallery.client?.asked ?? []).map(
      ({ action, values }) =>
        `${action}(${values.map((value) => JSON.stringify(value)).join(', ')})`,
    ),
  );
}

/** Hands the page another state, made from the present one. */
export function change(page: Page, changes: Readonly<Record<string, unknown>>): Promise<void> {
  return page.evaluate((changed) => {
    const client = window.gallery.client;
    client?.become({ ...client.state, ...changed });
  }, changes);
}
