/** A server whose SFU writes down all media that it receives and sends, as far as it can see it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TAP_POLL_MS } from '../limits.ts';
import { builtProgram } from '../server.ts';
import { frames, readPackets, type TappedFrame } from './packets.ts';

export class Tap {
  private readonly folder = mkdtempSync(join(tmpdir(), 'vestibule-tap-'));
  private readonly file = join(this.folder, 'packets.jsonl');
  private readonly order = join(this.folder, 'panic');

  /** The words that start the server. */
  get command(): readonly string[] {
    const settings = [`VESTIBULE_TAP=${this.file}`, `VESTIBULE_PANIC=${this.order}`];
    return ['env', ...settings, builtProgram('vestibule-tapped')];
  }

  /** Has the SFU panic at the next packet that it receives. */
  panic(): void {
    writeFileSync(this.order, '');
  }

  /** All frames so far. */
  frames(): TappedFrame[] {
    return existsSync(this.file) ? frames(readPackets(this.file)) : [];
  }

  /** Resolves once there are so many pictures and sounds in each of so many streams. */
  async until(streams: number, count: number, within: number): Promise<TappedFrame[]> {
    const deadline = Date.now() + within;
    for (;;) {
      const all = this.frames();
      const full = [...streamsOf(all).values()].filter((ofStream) => ofStream.length >= count);
      if (full.length >= streams) return all;
      if (Date.now() > deadline) {
        throw new Error(`waited ${within} ms for ${streams} streams of ${count} frames`);
      }
      // The file is another process's: there is no event to wait for.
      await delay(TAP_POLL_MS);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The frames of each stream, oldest first. */
export function streamsOf(all: readonly TappedFrame[]): Map<string, TappedFrame[]> {
  const streams = new Map<string, TappedFrame[]>();
  for (const frame of all) {
    const name = `${frame.direction} ${frame.stream}`;
    streams.set(name, [...(streams.get(name) ?? []), frame]);
  }
  return streams;
}
