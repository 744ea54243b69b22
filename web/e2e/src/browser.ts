/** One browser for each person: its own camera, microphone, profile and, if wanted, network. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { CHROMIUM, OLDER_CHROMIUM } from './browsers/chromium.ts';
import { FIREFOX } from './browsers/firefox.ts';
import type { BrowserKind } from './browsers/kind.ts';
import { endLoudspeaker } from './browsers/loudspeaker.ts';
import { CAST, type Who } from './cast.ts';
import { PAGE_MS } from './limits.ts';
import type { Host } from './network.ts';
import { holdDevices } from './page-devices.ts';
import { Probe } from './probe.ts';
import { Wire } from './wire.ts';

const KINDS = {
  chromium: CHROMIUM,
  olderChromium: OLDER_CHROMIUM,
  firefox: FIREFOX,
} as const satisfies Record<string, BrowserKind>;

export type BrowserName = keyof typeof KINDS;

export const VIEWPORTS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

export interface ParticipantOptions {
  /** Chromium when absent. */
  readonly browser?: BrowserName;
  readonly viewport?: keyof typeof VIEWPORTS;
  readonly scheme?: 'light' | 'dark';
  readonly locale?: 'fr-BE' | 'en-GB';
  /** The network of this browser; the machine's own when absent. */
  readonly host?: Host;
  /** Neither looks at pictures nor listens to sound, so that a measurement is not of the probe. */
  readonly unwatched?: boolean;
  /** Runs in each page before its own scripts; it is sent there as text. */
  readonly script?: () => void;
  /** Is done before the link is opened. */
  readonly prepare?: (participant: Participant) => Promise<void>;
  /** What is before a call is all that it is for: Firefox then needs no host of its own. */
  readonly withoutCalls?: boolean;
  /** Further switches of Chromium. */
  readonly switches?: readonly string[];
  /** How long a page may take to load, and a control to appear, in ms; `PAGE_MS` when absent. */
  readonly patience?: number;
}

/** A person with a browser. */
export class Participant {
  private constructor(
    readonly who: Who,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly probe: Probe,
    readonly wire: Wire,
    /** What the page printed and threw, oldest first. */
    readonly console: readonly string[],
    private readonly kind: BrowserKind,
    private readonly browser: Browser,
  ) {}

  static async open(who: Who, options: ParticipantOptions = {}): Promise<Participant> {
    const kind = KINDS[options.browser ?? 'chromium'];
    const browser = await browserOf(kind, who, options);
    const context = await browser.newContext({
      viewport: VIEWPORTS[options.viewport ?? 'desktop'],
      colorScheme: options.scheme ?? 'light',
      locale: options.locale ?? 'en-GB',
      timezoneId: 'Europe/Brussels',
      // The certificate of a test's server is its own.
      ignoreHTTPSErrors: true,
    });
    context.setDefaultTimeout(options.patience ?? PAGE_MS);
    await kind.prepare(who, context);
    await context.addInitScript(holdDevices);
    if (options.script) await context.addInitScript(options.script);
    const page = await context.newPage();
    await kind.consent(page);
    const console: string[] = [];
    page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => {
      const kept = kind.remarks.test(error.message) ? 'remark' : 'thrown';
      console.push(`${kept}: ${error.stack ?? error.message}`);
    });
    const probe = new Probe();
    if (!options.unwatched) await probe.watch(page);
    const wire = new Wire();
    await kind.tap(page, wire);
    return new Participant(who, context, page, probe, wire, console, kind, browser);
  }

  get name(): string {
    return CAST[this.who].name;
  }

  /** What their browser is called. */
  get browserName(): string {
    return this.kind.name;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  switch(name: string): Locator {
    return this.page.getByRole('switch', { name, exact: true });
  }

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  async fill(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label).fill(text);
  }

  /** Resolves when the page's heading says this. */
  async isAt(heading: string | RegExp): Promise<void> {
    await this.page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  }

  /** Resolves when these words are shown. */
  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  /** Resolves while the page plays a sound of its own, such as a test sound. */
  async playsSound(): Promise<void> {
    await this.page.waitForFunction(() =>
      __held.speakers.some((speaker) => {
        const samples = new Float32Array(speaker.fftSize);
        speaker.getFloatTimeDomainData(samples);
        return samples.some((sample) => sample > 0.02);
      }),
    );
  }

  /** How many cameras the page keeps in use. */
  async camerasInUse(): Promise<number> {
    return this.page.evaluate(
      () => __held.tracks.filter((it) => it.kind === 'video' && it.readyState === 'live').length,
    );
  }

  /** A number that changes when the page is loaded anew. */
  async load(): Promise<number> {
    return this.page.evaluate(() => __held.load);
  }

  /** How many peer connections the page has made since it was loaded. */
  async connectionsMade(): Promise<number> {
    return this.page.evaluate(() => __held.connections.length);
  }

  /** What a failure needs: where the page is, what it printed, what it saw and heard. */
  report(): string {
    return [`--- ${this.who} at ${this.page.url()}`, this.probe.summary(), ...this.console].join(
      '\n',
    );
  }

  async close(): Promise<void> {
    await this.context.close();
    if (!isShared(this.browser)) await this.browser.close();
  }
}

/**
 * Browsers without anything particular serve several tests, each in a profile of its own: to start
 * one takes longer than many a test.
 */
const shared = new Map<string, Promise<Browser>>();
const sharedBrowsers = new WeakSet<Browser>();

function isShared(browser: Browser): boolean {
  return sharedBrowsers.has(browser);
}

async function browserOf(
  kind: BrowserKind,
  who: Who,
  options: ParticipantOptions,
): Promise<Browser> {
  if (options.host || options.switches) return kind.launch(who, options);
  const key = `${kind.name} of ${who}`;
  const running = await shared.get(key);
  if (running?.isConnected()) return running;
  const launched = kind.launch(who, options);
  shared.set(key, launched);
  const browser = await launched;
  sharedBrowsers.add(browser);
  return browser;
}

/** Ends the browsers that were kept for further tests, and what they needed. */
export async function closeBrowsers(): Promise<void> {
  const browsers = await Promise.all(shared.values());
  shared.clear();
  await Promise.all(browsers.map((browser) => browser.close()));
  await endLoudspeaker();
}
