/** What the pages do about gates that stand shut, on the patient's side and on the practitioner's. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DESKTOP, PHONE, openBrowser } from './browser.ts';
import { asked, change, openGallery, showScene } from './scenes.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => page.context().close());

describe('the patient’s page', () => {
  beforeEach(async () => {
    ({ page } = await openGallery(browser, { ...PHONE, scheme: 'light' }));
  });

  test('says that the text changed while somebody looked at it', async () => {
    await showScene(page, 'patient-intake-consent', 'en');
    await page.getByRole('button', { name: 'Yes, I consent' }).waitFor();
    expect(await page.getByText('The text has changed.').count()).toBe(0);
    const state = await page.evaluate(() => window.gallery.client?.state);
    const patient = state?.patient;
    const consent = { version: '2026-02', said: [] };
    const intake = { ...patient?.visit?.intake, consent };
    await change(page, { patient: { ...patient, visit: { ...patient?.visit, intake } } });
    await page.getByText('The text has changed.').waitFor();
    await page.getByRole('button', { name: 'Yes, I consent' }).click();
    expect(await asked(page)).toEqual(['consent("given", "2026-02")']);
  });
});

describe('the console', () => {
  beforeEach(async () => {
    ({ page } = await openGallery(browser, { ...DESKTOP, scheme: 'light' }));
  });

  test('lets a practitioner have a gate asked again that its system refused, and no other', async () => {
    await showScene(page, 'console-intake-more', 'en');
    await page.getByRole('heading', { name: 'What is still missing' }).waitFor();
    const state = await page.evaluate(() => window.gallery.client?.state);
    const practitioner = state?.practitioner;
    const refused = { type: 'refused', reason: 'not_paid', message: '' };
    const shut = [
      { gate: { type: 'payment' }, opened_by: 'system', why: refused },
      { gate: { type: 'identity' }, opened_by: 'built_in', why: refused },
    ];
    const last = practitioner?.waiting[2];
    const waiting = practitioner?.waiting.map((it) =>
      it === last ? { ...it, intake: { shut } } : it,
    );
    await change(page, { practitioner: { ...practitioner, waiting } });
    await page.getByText('payment').first().waitFor();
    const again = page.getByRole('button', { name: 'Ask again' });
    await expect.poll(() => again.count()).toBe(1);
    await again.click();
    expect(await asked(page)).toEqual([`askAgain({"type":"payment"}, "${last?.visit ?? ''}")`]);
  });
});
