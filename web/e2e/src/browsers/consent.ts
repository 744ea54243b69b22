/** A person's consent to camera and microphone, kept for all pages of their profile. */
import type { Browser, CDPSession, Page } from 'playwright-core';

/** What a browser is told lasts as long as whoever told it listens. */
const listeners = new WeakMap<Browser, Promise<CDPSession>>();

export async function consent(page: Page): Promise<void> {
  const profile = await profileOf(page);
  const listener = await listenerOf(page.context().browser()!);
  for (const name of ['camera', 'microphone']) {
    const kept = { permission: { name }, setting: 'granted', ...profile } as const;
    await listener.send('Browser.setPermission', kept);
  }
}

function listenerOf(browser: Browser): Promise<CDPSession> {
  const listener = listeners.get(browser) ?? browser.newBrowserCDPSession();
  listeners.set(browser, listener);
  return listener;
}

async function profileOf(page: Page): Promise<{ browserContextId?: string }> {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  const { browserContextId } = targetInfo;
  return browserContextId ? { browserContextId } : {};
}
