/**
 * What a person at the page sees and hears, proved from decoded frames and played sound.
 *
 * A `Probe` watches a page across reloads. Frames and sounds come with the time at which they were
 * displayed or played, so that a test can also ask afterwards how long a picture stood still.
 */
import type { Page } from 'playwright-core';
import { byCamera, CAST, EVERYBODY, type Who } from './cast.ts';
import { decode, framesBetween, LAYOUT, LIVELY } from './code.ts';
import { FRAMES_KEPT, MEDIA_MS } from './limits.ts';
import { type DisplayedFrame, type PlayedSound, watchPage } from './page-probe.ts';
import { Waiters } from './waiters.ts';

/** A frame whose code could be read: `who` is the owner of the camera. */
export interface SeenFrame {
  readonly who: Who;
  readonly counter: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}

/** Amplitude from which a tone counts as heard: the voice's peak is 0.4, silence is below 0.001. */
const AUDIBLE = 0.02;
/** A tone must stand out from the other tones by this factor. */
const STANDS_OUT = 5;
/** Longer than the pause between two syllables, and than any pause between two frames. */
const SILENT_MS = 1_000;

export class Probe {
  /** Frames with a valid code, oldest first. */
  readonly frames: SeenFrame[] = [];
  /** Displayed frames without one: blank, torn, garbled. */
  readonly unreadable: DisplayedFrame[] = [];
  readonly sounds: PlayedSound[] = [];
  private readonly waiters = new Waiters();

  /** Begins to watch a page; call it before the page is opened. */
  async watch(page: Page): Promise<void> {
    const names = { onFrames: '__probeFrames', onSounds: '__probeSounds' };
    await page.exposeFunction(names.onFrames, (batch: DisplayedFrame[]) => this.see(batch));
    await page.exposeFunction(names.onSounds, (batch: PlayedSound[]) => this.hear(batch));
    const tones = EVERYBODY.map((who) => CAST[who].tone);
    await page.addInitScript(watchPage, { layout: LAYOUT, tones, each: LIVELY, ...names });
  }

  /** Resolves when `count` new frames of this person have been displayed, each after the last. */
  async sees(who: Who, { count = 10, within = MEDIA_MS } = {}): Promise<void> {
    const since = Date.now();
    await this.until(within, `${count} advancing frames of ${who}`, () => {
      return this.advances(who, since) >= count;
    });
  }

  /** How many times this person's counter moved on in the frames displayed since then. */
  advances(who: Who, since: number): number {
    const counters = this.framesOf(who, since).map((frame) => frame.counter);
    return counters.filter((counter, index) => {
      const before = counters[index - 1];
      return before !== undefined && framesBetween(before, counter) > 0;
    }).length;
  }

  framesOf(who: Who, since = 0): SeenFrame[] {
    return this.frames.filter((frame) => frame.who === who && frame.at >= since);
  }

  /** The longest time without a new frame of this person, from `since` until now, in ms. */
  longestPause(who: Who, since: number): number {
    return Math.max(...this.pauses(who, since).map(([from, to]) => to - from));
  }

  /** How long after `since` the last pause of this person's picture ended that was longer than this, in ms. */
  steadyAfter(who: Who, since: number, pauseMs: number): number {
    const long = this.pauses(who, since).filter(([from, to]) => to - from > pauseMs);
    return (long.at(-1)?.[1] ?? since) - since;
  }

  /** From when to when no new frame of this person came, from `since` until now. */
  private pauses(who: Who, since: number): [number, number][] {
    const frames = this.framesOf(who, since);
    const moments = frames
      .filter((frame, index) => frame.counter !== frames[index - 1]?.counter)
      .map((frame) => frame.at);
    const edges = [since, ...moments, Date.now()];
    return edges.slice(1).map((at, index) => [edges[index] ?? at, at]);
  }

  /** Resolves when this person's voice has been heard and no other one stands out with it. */
  async hears(who: Who, { within = MEDIA_MS } = {}): Promise<void> {
    const since = Date.now();
    await this.until(within, `the voice of ${who}`, () => this.hasHeard(who, since));
  }

  /** True when an element played this person's voice since then. */
  hasHeard(who: Who, since: number): boolean {
    const index = EVERYBODY.indexOf(who);
    return this.sounds.some(({ at, levels }) => {
      const level = levels[index] ?? 0;
      const loudestOther = Math.max(...levels.filter((_, other) => other !== index));
      return at >= since && level >= AUDIBLE && level >= STANDS_OUT * loudestOther;
    });
  }

  /** The loudest that this person's tone was in what was played since then, 0 to 1. */
  loudness(who: Who, since: number): number {
    const index = EVERYBODY.indexOf(who);
    const levels = this.sounds.filter(({ at }) => at >= since).map((sound) => sound.levels[index]);
    return Math.max(0, ...levels.map((level) => level ?? 0));
  }

  /** Resolves when this person has been silent for a second. */
  async noLongerHears(who: Who, { within = MEDIA_MS } = {}): Promise<void> {
    await this.until(within, `the silence of ${who}`, () => {
      return this.loudness(who, Date.now() - SILENT_MS) < AUDIBLE / 4;
    });
  }

  /** Resolves when no frame of this person has been displayed for a second. */
  async noLongerSees(who: Who, { within = MEDIA_MS } = {}): Promise<void> {
    await this.until(within, `the end of the picture of ${who}`, () => {
      return this.framesOf(who, Date.now() - SILENT_MS).length === 0;
    });
  }

  /** Resolves when the condition holds, asked again whenever the page reports; else throws. */
  async until(within: number, wanted: string, condition: () => boolean): Promise<void> {
    const complaint = () => `waited ${within} ms for ${wanted}; ${this.summary()}`;
    await this.waiters.until(within, condition, complaint);
  }

  /** What was seen and heard in the last five seconds, for the message of a failure. */
  summary(): string {
    const since = Date.now() - 5_000;
    const seen = EVERYBODY.map((who) => `${who} ${this.framesOf(who, since).length}`);
    const heard = EVERYBODY.map((who) => `${who} ${this.loudness(who, since).toFixed(3)}`);
    const unreadable = this.unreadable.filter((frame) => frame.at >= since).length;
    return `in the last 5 s: frames ${seen.join(', ')}, unreadable ${unreadable}; voices ${heard.join(', ')}`;
  }

  private see(batch: DisplayedFrame[]): void {
    for (const frame of batch) {
      const code = decode(frame.blocks);
      const who = code && byCamera(code.camera);
      const { at, width, height } = frame;
      const seen = { at, width, height };
      if (code && who) this.frames.push({ who, counter: code.counter, ...seen });
      else this.unreadable.push(frame);
    }
    keepLast(this.frames);
    keepLast(this.unreadable);
    this.waiters.tell();
  }

  private hear(batch: PlayedSound[]): void {
    this.sounds.push(...batch);
    keepLast(this.sounds);
    this.waiters.tell();
  }
}

function keepLast(list: unknown[]): void {
  list.splice(0, Math.max(0, list.length - FRAMES_KEPT));
}
