/** Who is heard, and by what. */

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PHONE, openBrowser } from './browser.ts';
import { openGallery, showScene } from './scenes.ts';

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

/** Shows a scene in a browser that plays no sound before somebody touches the page. */
async function showSilent(of: Page, scene: string): Promise<void> {
  await of.evaluate(async (id) => {
    let touched = false;
    addEventListener('click', ({ isTrusted }) => (touched ||= isTrusted), { capture: true });
    const { prototype } = HTMLMediaElement;
    const play = prototype.play;
    prototype.play = function () {
      if (this.muted || touched) return play.call(this);
      return Promise.reject(new DOMException('', 'NotAllowedError'));
    };
    await window.gallery.show(id, 'en');
  }, scene);
}

/** How many others have a stream that is not played. */
function silent(of: Page): Promise<number> {
  return of.evaluate(
    () => [...document.querySelectorAll('video')].filter((it) => !it.muted && it.paused).length,
  );
}

describe('sound that waits for a touch', () => {
  test('is played of everybody by one press', async () => {
    await showSilent(page, 'patient-consultation-five');
    const start = page.getByRole('button', { name: 'Turn on the sound' });
    await start.waitFor();
    expect(await silent(page)).toBe(4);
    await start.click();
    await expect.poll(() => silent(page)).toBe(0);
    expect(await start.count()).toBe(0);
  });

  test('is offered for as long as somebody is silent, also in a small picture', async () => {
    await showSilent(page, 'patient-consultation-accompanied');
    const start = page.getByRole('button', { name: 'Turn on the sound' });
    await start.waitFor();
    const loses = async (role: string) =>
      page.evaluate((lost) => {
        const client = window.gallery.client;
        const consultation = client?.state.consultation;
        if (!client || !consultation) return;
        const people = consultation.people.map((person) =>
          person.role === lost ? { ...person, stream: null, incoming: null } : person,
        );
        client.become({ ...client.state, consultation: { ...consultation, people } });
      }, role);
    await loses('practitioner');
    await expect.poll(() => silent(page)).toBe(1);
    expect(await start.count()).toBe(1);
    await loses('companion');
    await start.waitFor({ state: 'detached' });
    expect(await silent(page)).toBe(0);
  });
});

/** Has the page write down which speakers it gives its elements. */
async function watchSpeakers(of: Page): Promise<void> {
  await of.evaluate(() => {
    const given = new WeakMap<HTMLMediaElement, string[]>();
    Object.defineProperties(HTMLMediaElement.prototype, {
      given: {
        get(this: HTMLMediaElement) {
          return given.get(this) ?? [];
        },
      },
      sinkId: {
        get(this: HTMLMediaElement) {
          return given.get(this)?.at(-1) ?? '';
        },
      },
      setSinkId: {
        value(this: HTMLMediaElement, id: string) {
          given.set(this, [...(given.get(this) ?? []), id]);
          return Promise.resolve();
        },
      },
    });
  });
}

/** The speakers that this element was given, one after the other. */
const givenTo = (video: Locator) =>
  video.evaluate((it) => (it as HTMLVideoElement & { given: string[] }).given);

describe('a speaker', () => {
  test('that was chosen and is unplugged gives way to the browser’s own choice', async () => {
    await watchSpeakers(page);
    await showScene(page, 'patient-consultation-talking', 'en');
    const other = page.getByLabel('Picture of Dr Amina Lambert');
    expect(await givenTo(other)).toEqual(['s1']);
    await page.evaluate(() => {
      const client = window.gallery.client;
      if (!client) return;
      const { media } = client.state;
      const devices = media.devices.filter(({ id }) => id !== 's1');
      client.become({ ...client.state, media: { ...media, devices } });
    });
    await expect.poll(() => givenTo(other)).toEqual(['s1', '']);
  });

  test('is given to no element for which none is chosen', async () => {
    await watchSpeakers(page);
    await showScene(page, 'patient-consultation-talking', 'en');
    expect(await givenTo(page.getByLabel('Your own picture'))).toEqual([]);
  });
});
