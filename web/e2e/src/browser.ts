/** One Chromium for each person: its own camera, microphone, profile and, if wanted, network. */
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { CAST, type Who } from './cast.ts';
import { CAMERA_FILE, fakeDevices, MICROPHONE_FILE } from './clip.ts';
import { PAGE_MS } from './limits.ts';
import type { Host } from './network.ts';
import { holdDevices } from './page-devices.ts';
import { Probe } from './probe.ts';
import { Wire } from './wire.ts';

const CHROMIUM = join(import.meta.dirname, '..', 'bin', 'chromium');

export const VIEWPORTS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

export interface ParticipantOptions {
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
  /** Further switches of Chromium. */
  readonly switches?: readonly string[];
}

const SWITCHES = [
  // The tests run as root in a container; nothing but our own pages is opened.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Grants camera and microphone, and takes both from files.
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  // The server is on this machine, which may have no other network than loopback.
  '--allow-loopback-in-peer-connection',
  // `--autoplay-policy` stays as people have it: a page whose sound is blocked must be seen to fail.
];

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
    private readonly browser: Browser,
  ) {}

  static async open(who: Who, options: ParticipantOptions = {}): Promise<Participant> {
    const browser = await browserOf(who, options);
    const context = await browser.newContext({
      viewport: VIEWPORTS[options.viewport ?? 'desktop'],
      colorScheme: options.scheme ?? 'light',
      locale: options.locale ?? 'en-GB',
      timezoneId: 'Europe/Brussels',
      // The certificate of a test's server is its own.
      ignoreHTTPSErrors: true,
    });
    context.setDefaultTimeout(PAGE_MS);
    await context.addInitScript(holdDevices);
    if (options.script) await context.addInitScript(options.script);
    const page = await context.newPage();
    const console: string[] = [];
    page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => console.push(`thrown: ${error.stack ?? error.message}`));
    const probe = new Probe();
    if (!options.unwatched) await probe.watch(page);
    return new Participant(who, context, page, probe, new Wire(page), console, browser);
  }

  get name(): string {
    return CAST[this.who].name;
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
const shared = new Map<Who, Promise<Browser>>();
const sharedBrowsers = new WeakSet<Browser>();

function isShared(browser: Browser): boolean {
  return sharedBrowsers.has(browser);
}

async function browserOf(who: Who, options: ParticipantOptions): Promise<Browser> {
  if (options.host || options.switches) return launch(who, options);
  const running = await shared.get(who);
  if (running?.isConnected()) return running;
  const launched = launch(who, options);
  shared.set(who, launched);
  const browser = await launched;
  sharedBrowsers.add(browser);
  return browser;
}

/** Ends the browsers that were kept for further tests. */
export async function closeBrowsers(): Promise<void> {
  const browsers = await Promise.all(shared.values());
  shared.clear();
  await Promise.all(browsers.map((browser) => browser.close()));
}

/** A browser that has nobody's camera: pages in it only show. */
export function launchViewer(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
}

async function launch(who: Who, options: ParticipantOptions): Promise<Browser> {
  const folder = await fakeDevices(who);
  return chromium.launch({
    executablePath: CHROMIUM,
    env: {
      ...definedEnvironment(),
      DEVICES_FOLDER: folder,
      HOST_NAMESPACE: options.host?.namespace ?? '',
    },
    args: [
      ...SWITCHES,
      `--use-file-for-fake-video-capture=${CAMERA_FILE}`,
      `--use-file-for-fake-audio-capture=${MICROPHONE_FILE}`,
      ...(options.switches ?? []),
    ],
  });
}

function definedEnvironment(): Record<string, string> {
  const defined = Object.entries(process.env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Record<string, string>;
}
