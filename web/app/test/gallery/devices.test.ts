/** What the pages do about the person's own camera and microphone. */

import type { LocalMediaState } from '@vestibule/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PHONE, openBrowser } from './browser.ts';
import { asked, change, openGallery, showScene } from './scenes.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  ({ page } = await openGallery(browser, { ...PHONE, scheme: 'light' }));
});
afterEach(() => page.context().close());

/** Has the devices become otherwise. */
async function become(media: Partial<LocalMediaState>): Promise<void> {
  const before = await page.evaluate(() => ({
    ...window.gallery.client?.state.media,
    stream: null,
  }));
  await change(page, { media: { ...before, ...media } });
}

test('each button asks for its own device alone', async () => {
  await showScene(page, 'patient-consultation-no-camera', 'en');
  await page.getByRole('switch', { name: 'Microphone' }).click();
  await page.getByRole('switch', { name: 'Camera' }).click();
  expect(await asked(page)).toEqual(['setMicrophone(true)', 'setCamera(true)']);
});

test('where one works, another try is for the other', async () => {
  await showScene(page, 'patient-waiting-second', 'en');
  await become({ camera: false });
  await page.getByRole('button', { name: 'Try again' }).click();
  expect(await asked(page)).toEqual(['setCamera(true)']);
});

test('another try opens nothing that was turned off, also after the visit was elsewhere', async () => {
  await showScene(page, 'patient-consultation-talking', 'en');
  await page.getByRole('switch', { name: 'Camera' }).click();
  await change(page, { status: 'replaced' });
  await page.getByRole('button', { name: 'Continue here' }).click();
  await change(page, { status: 'online' });
  await become({ state: 'in_use', microphone: false, camera: false });
  await page.getByRole('button', { name: 'Try again' }).click();
  expect(await asked(page)).toEqual(['setCamera(false)', 'takeOver()', 'setMicrophone(true)']);
});

test('the microphone goes off while the camera is being opened', async () => {
  await showScene(page, 'patient-consultation-talking', 'en');
  await become({ camera: false });
  await page.evaluate(() => {
    const { client } = window.gallery;
    if (client) client.setCamera = () => new Promise(() => undefined);
  });
  await page.getByRole('switch', { name: 'Camera' }).click();
  await page.getByRole('switch', { name: 'Microphone' }).click();
  expect(await asked(page)).toEqual(['setMicrophone(false)']);
});

test('says that the microphone did not turn on, until it does', async () => {
  await showScene(page, 'patient-consultation-stuck', 'en');
  const said = page.getByRole('alert').filter({ hasText: 'The others cannot hear you.' });
  await said.waitFor();
  await become({ microphone: true });
  await said.waitFor({ state: 'detached' });
});

test('shows its help again when a press does not help', async () => {
  await showScene(page, 'patient-consultation-no-camera', 'en');
  const help = page.getByRole('alert').filter({ hasText: 'Another program is using' });
  await help.getByRole('button', { name: 'Close' }).click();
  await help.waitFor({ state: 'detached' });
  await page.evaluate(() => {
    const { client } = window.gallery;
    if (client) client.setMicrophone = () => Promise.reject(new Error('media'));
  });
  await page.getByRole('switch', { name: 'Microphone' }).click();
  await help.waitFor();
});
