/**
 * A participant without a browser: `crates/client` on strings, sending the committed clip of one of the
 * cast. What it opened is played in a page, so that the same probe tells what it saw and heard.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { launchViewer } from './browsers/chromium.ts';
import { CAST, type Who } from './cast.ts';
import { LOG_LINES_KEPT, PAGE_MS, SERVER_STOP_MS } from './limits.ts';
import { playFrames, type PlayedFrame, type Player } from './page-player.ts';
import { Probe } from './probe.ts';
import { REPOSITORY, TARGET } from './server.ts';
import { Waiters } from './waiters.ts';

const PUPPET = join(TARGET, 'debug', 'examples', 'puppet');
const CLIP = join(REPOSITORY, 'examples', 'clips', 'patient');
/** Decoders are for secure pages alone, and this one counts as such. */
const PAGE = 'http://localhost/viewer';

/** Whom the committed clip shows. */
export const NATIVE = 'patientB' satisfies Who;

/** A line that the process told. */
interface Told {
  readonly type: string;
  readonly state?: string;
  readonly digits?: string | null;
  readonly text?: string;
}

export class Native {
  readonly who = NATIVE;
  readonly name = CAST[NATIVE].name;
  readonly probe = new Probe();
  /** What was told since the page was loaded last, frames aside, oldest first. */
  private told: Told[] = [];
  private readonly log: string[] = [];
  private readonly waiters = new Waiters();

  private constructor(
    private readonly child: ChildProcess,
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  /** Joins by the link, and enters the waiting room. */
  static async open(link: string): Promise<Native> {
    const browser = await launchViewer();
    const page = await browser.newPage();
    await page.route(PAGE, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    const words = [link, CAST[NATIVE].name, `${CLIP}.ivf`, `${CLIP}.ogg`];
    const child = spawn(PUPPET, words, { stdio: 'pipe' });
    const native = new Native(child, browser, page);
    await native.probe.watch(page);
    await page.goto(PAGE);
    await page.evaluate(playFrames);
    // A page has sound once somebody has touched it.
    await page.mouse.click(10, 10);
    native.listen();
    await native.is('waiting');
    return native;
  }

  /** Resolves when the visit has come to this state. */
  async is(state: string): Promise<void> {
    await this.until(`the state ${state}`, () => this.last('state')?.state === state);
  }

  /** The six digits, once they are agreed on. */
  async safetyCode(): Promise<string> {
    await this.until('a safety code', () => typeof this.last('safety_code')?.digits === 'string');
    return this.last('safety_code')?.digits ?? '';
  }

  async readsMessage(text: string): Promise<void> {
    await this.until(`the message ${text}`, () =>
      this.told.some((it) => it.type === 'chat' && it.text === text),
    );
  }

  say(text: string): void {
    this.command(`say ${text}`);
  }

  leave(): void {
    this.command('leave');
  }

  /** As a page that is loaded anew: the same device and session, a new leaf. */
  reload(): void {
    this.told = [];
    this.command('reload');
  }

  report(): string {
    return ['--- native', this.probe.summary(), ...this.log].join('\n');
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), SERVER_STOP_MS);
      this.command('end');
      await ended;
      clearTimeout(timer);
    }
    await this.browser.close();
  }

  private async until(wanted: string, condition: () => boolean): Promise<void> {
    await this.waiters.until(PAGE_MS, condition, () => `waited for ${wanted}\n${this.report()}`);
  }

  private last(type: string): Told | undefined {
    return this.told.findLast((it) => it.type === type);
  }

  private command(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  private listen(): void {
    const { stdout, stderr } = this.child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.take(line));
    if (stderr) createInterface({ input: stderr }).on('line', (line) => this.note(line));
    this.child.once('exit', (code) => this.note(`ended with exit code ${code}`));
  }

  private take(line: string): void {
    const told = JSON.parse(line) as Told;
    if (told.type === 'frame') {
      void this.play(told as unknown as PlayedFrame);
      return;
    }
    this.note(line);
    this.told.push(told);
    this.waiters.tell();
  }

  private async play(frame: PlayedFrame): Promise<void> {
    const show = (frame: PlayedFrame) =>
      (globalThis as unknown as { __player: Player }).__player.take(frame);
    // A page that closes has nobody to show it to.
    await this.page.evaluate(show, frame).catch(() => null);
  }

  private note(line: string): void {
    this.log.push(line);
    this.log.splice(0, Math.max(0, this.log.length - LOG_LINES_KEPT));
  }
}
