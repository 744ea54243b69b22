/** A server, a browser, and people in it who use the client without any page of ours around it. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type CDPSession,
  type Page,
} from 'playwright-core';
import { build } from 'vite';
import type { ClientState } from '../../src/index.ts';
import { freePort, UdpRelay } from './relay.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const BINARY = process.env['VESTIBULE_BIN'] ?? join(ROOT, 'target/debug/vestibule');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' };

interface Ready {
  readonly url: string;
  readonly practitioner_link: string;
  readonly patient_link: string;
  readonly signaling_pid: number;
  readonly sfu_pid: number;
}

/** What is odd about somebody's device. */
export interface Device {
  /** Changes the client's own code. */
  readonly code?: (code: string) => string;
  /** Runs before it. */
  readonly before?: string;
  /** Whether this file of the client's is lost on the way this time. */
  readonly loses?: (file: string) => boolean;
}

/** Made up, refused by the person, or not there. */
export type Devices = 'fake' | 'denied' | 'none';

export class World {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vestibule-sdk-'));
  readonly #files = new Map<string, string>();
  #server: ChildProcess | null = null;
  #browser: Browser | null = null;
  ready!: Ready;
  #port = 0;
  /** Between browsers and the SFU, where a test asked for it. */
  relay: UdpRelay | null = null;
  #media: string[] = [];

  async start({ relayed = false, devices = 'fake' as Devices } = {}): Promise<void> {
    await this.#bundle();
    if (relayed) await this.#relay();
    await this.serve();
    this.#browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        ...(devices === 'none' ? [] : ['--use-fake-device-for-media-stream']),
        `--use-fake-ui-for-media-stream${devices === 'denied' ? '=deny' : ''}`,
        '--autoplay-policy=no-user-gesture-required',
        '--allow-loopback-in-peer-connection',
        // A page that the test hands out does not count as coming from this machine.
        '--disable-features=LocalNetworkAccessChecks',
      ],
    });
  }

  /** Starts the server, on the data and the port of the one before. */
  async serve(): Promise<void> {
    const data = join(this.#folder, 'data');
    const listen = `127.0.0.1:${this.#port}`;
    const options = ['serve', '--data', data, '--listen', listen, '--json-links', ...this.#media];
    const server = spawn(BINARY, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#server = server;
    for await (const line of createInterface({ input: server.stdout })) {
      if (!line.startsWith('{')) continue;
      const event = JSON.parse(line) as Ready & { event: string };
      if (event.event !== 'ready') continue;
      this.ready = event;
      this.#port = Number(new URL(event.url).port);
      return;
    }
    throw new Error('the server did not start');
  }

  /** Ends the signaling process without any warning. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    const gone = new Promise((done) => server.once('exit', done));
    server.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    this.relay?.close();
    const server = this.#server;
    if (server !== null && server.exitCode === null) {
      const gone = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Somebody on a device of their own. */
  async person(link: string, device: Device = {}): Promise<Person> {
    if (this.#browser === null) throw new Error('no browser');
    const context = await this.#browser.newContext({ permissions: ['camera', 'microphone'] });
    await context.route(/\/(visit|console|sdk-test\/.*)$/, async (route) => {
      const path = new URL(route.request().url()).pathname;
      const name = path.startsWith('/sdk-test/') ? path.slice('/sdk-test/'.length) : 'index.html';
      const body = this.#files.get(name);
      if (body === undefined) return route.abort();
      if (device.loses?.(name)) return route.abort('connectionreset');
      const contentType = TYPES[extname(name)] ?? 'text/plain';
      return route.fulfill({ body: device.code?.(body) ?? body, contentType });
    });
    if (device.before !== undefined) await context.addInitScript(device.before);
    const person = new Person(context, await context.newPage());
    await person.open(link);
    return person;
  }

  /** Puts a relay before the SFU's one port. */
  async #relay(): Promise<void> {
    const port = await freePort();
    this.relay = await UdpRelay.to(port);
    this.#media = [
      ...['--media-ip', '127.0.0.1', '--media-workers', '1', '--media-port', String(port)],
      ...['--media-advertise', '127.0.0.1'],
      ...['--media-advertise-port', String(this.relay.port)],
    ];
  }

  async #bundle(): Promise<void> {
    const result = await build({
      configFile: false,
      logLevel: 'error',
      root: import.meta.dirname,
      base: '/sdk-test/',
      worker: { format: 'es' },
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        rolldownOptions: { input: join(import.meta.dirname, 'index.html') },
      },
    });
    const outputs = Array.isArray(result) ? result : [result];
    for (const output of outputs) {
      if (!('output' in output)) continue;
      for (const file of output.output) {
        const source = file.type === 'chunk' ? file.code : file.source;
        this.#files.set(file.fileName, source.toString());
      }
    }
  }
}

export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly errors: string[] = [];
  #inspector: CDPSession | null = null;

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  async open(link: string): Promise<void> {
    // The same address with another fragment is no new page to the browser.
    await this.page.goto('about:blank');
    await this.page.goto(link);
  }

  /** Another tab of the same device. */
  async tab(link: string): Promise<Person> {
    const other = new Person(this.context, await this.context.newPage());
    await other.open(link);
    return other;
  }

  /** Waits for a state of which this is true. */
  async until(
    what: string,
    test: (state: ClientState) => boolean,
    timeout = 15_000,
  ): Promise<void> {
    const code = `(${test.toString()})(window.client.state)`;
    await this.page.waitForFunction(code, null, { timeout, polling: 20 }).catch(async () => {
      const state = await this.page.evaluate(() => JSON.stringify(window.client.state));
      throw new Error(`${what} did not come: ${state}\n${this.errors.join('\n')}`);
    });
  }

  /** Cuts this person's sockets, or lets them be opened again. Media goes another way: see the relay. */
  async network(on: boolean): Promise<void> {
    // What one session of the inspector cut, only that same session joins again.
    this.#inspector ??= await this.context.newCDPSession(this.page);
    await this.#inspector.send('Network.enable');
    await this.#inspector.send('Network.emulateNetworkConditions', {
      offline: !on,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  }

  /** Does something with the client. */
  run<T>(act: (client: Window['client']) => T): Promise<Awaited<T>> {
    return this.page.evaluate(`(${act.toString()})(window.client)`);
  }

  state(): Promise<ClientState> {
    return this.page.evaluate(() => JSON.parse(JSON.stringify(window.client.state)));
  }

  /** Plays whoever else is there and counts the pictures that are decoded. */
  async watch(): Promise<void> {
    await this.page.evaluate(() => {
      const video = document.createElement('video');
      Object.assign(video, { autoplay: true, muted: true, playsInline: true });
      document.body.append(video);
      Object.assign(window, { watched: { pictures: 0, at: 0, longest: 0 } });
      const count = (now: number): void => {
        const { watched } = window as unknown as { watched: Record<string, number> };
        const gap = watched['at'] ? now - watched['at'] : 0;
        watched['longest'] = Math.max(watched['longest'] ?? 0, gap);
        watched['at'] = now;
        watched['pictures'] = (watched['pictures'] ?? 0) + 1;
        video.requestVideoFrameCallback(count);
      };
      video.requestVideoFrameCallback(count);
      window.client.subscribe(({ consultation }) => {
        const stream = consultation?.people.find(({ self }) => !self)?.stream ?? null;
        if (video.srcObject !== stream) video.srcObject = stream;
      });
    });
  }

  pictures(): Promise<number> {
    return this.page.evaluate('window.watched.pictures');
  }

  /** The longest time between two pictures since this was last asked, in milliseconds. */
  longestGap(): Promise<number> {
    return this.page.evaluate(`(() => {
      const { longest, at } = window.watched;
      window.watched.longest = 0;
      return Math.max(longest, performance.now() - at);
    })()`);
  }

  /** Waits until this many more pictures were decoded. */
  async seesMore(pictures = 10, timeout = 10_000): Promise<void> {
    const before = await this.pictures();
    const code = `window.watched.pictures >= ${before + pictures}`;
    await this.page.waitForFunction(code, null, { timeout, polling: 20 });
  }

  /** The loudness of whoever else is there, over a second. */
  hears(): Promise<number> {
    return this.page.evaluate(async () => {
      const other = window.client.state.consultation?.people.find(({ self }) => !self);
      if (!other?.stream || other.stream.getAudioTracks().length === 0) return 0;
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(other.stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let loudest = 0;
      for (let i = 0; i < 60; i++) {
        await new Promise(requestAnimationFrame);
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, ...samples.map(Math.abs));
      }
      await context.close();
      return loudest;
    });
  }
}
