/** What two people see and hear of each other over a line: from decoded frames and the browsers' counters. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Participant } from '../src/browser.ts';
import { framesBetween } from '../src/code.ts';
import { received } from '../src/received.ts';
import { percentile } from './table.ts';

/** One direction over some time. */
export interface Quality {
  /** Frames a second whose counter was read from the decoded picture, each counted once. */
  readonly framesPerSecond: number;
  /** Frames a second that the browser counted as decoded. */
  readonly decodedPerSecond: number;
  readonly freezes: number;
  readonly longestPauseMs: number;
  /** From a frame of the sender's camera to the same one decoded at the receiver, the half and the twentieth-worst. */
  readonly delayMs: readonly [number, number];
  /** The part of the sound that was made up, in percent: whoever speaks here is never silent. */
  readonly concealedPercent: number;
  /** The part of it that was made up as silence, in percent. */
  readonly silentPercent: number;
  readonly kilobits: number;
}

/** Measures what `viewer` gets of `sender` while `during` runs. */
export async function observe(
  viewer: Participant,
  sender: Participant,
  during: () => Promise<void>,
): Promise<Quality> {
  const [since, before] = [Date.now(), await received(viewer)];
  await during();
  const seconds = (Date.now() - since) / 1_000;
  const after = await received(viewer);
  const samples = after.samples - before.samples;
  return {
    framesPerSecond: viewer.probe.advances(sender.who, since) / seconds,
    decodedPerSecond: (after.decoded - before.decoded) / seconds,
    freezes: after.freezes - before.freezes,
    longestPauseMs: viewer.probe.longestPause(sender.who, since),
    delayMs: delays(viewer, sender, since),
    concealedPercent: samples > 0 ? (100 * (after.concealed - before.concealed)) / samples : NaN,
    silentPercent: samples > 0 ? (100 * (after.silent - before.silent)) / samples : NaN,
    kilobits: ((after.videoBytes - before.videoBytes) * 8) / 1_000 / seconds,
  };
}

/** What somebody gets of somebody else second by second, as long as it is looked at. */
export interface Second {
  readonly kilobits: number;
  /** The width of the last picture; 0 where none came. */
  readonly width: number;
  /** The part of the sound that was not made up, in percent. */
  readonly heardPercent: number;
}

export async function eachSecond(
  viewer: Participant,
  sender: Participant,
  seconds: number,
): Promise<Second[]> {
  const found: Second[] = [];
  let [at, before] = [Date.now(), await received(viewer)];
  while (found.length < seconds) {
    await delay(1_000);
    const [now, after] = [Date.now(), await received(viewer)];
    const samples = after.samples - before.samples;
    const heard = samples - (after.concealed - before.concealed);
    found.push({
      kilobits: ((after.videoBytes - before.videoBytes) * 8) / (now - at),
      width: viewer.probe.framesOf(sender.who, at).at(-1)?.width ?? 0,
      heardPercent: samples > 0 ? (100 * heard) / samples : 0,
    });
    [at, before] = [now, after];
  }
  return found;
}

/** A counter comes again after thirteen seconds: the last showing on the sender's side before is meant. */
function delays(viewer: Participant, sender: Participant, since: number): [number, number] {
  const own = sender.probe.framesOf(sender.who, since - 5_000);
  const shown = viewer.probe.framesOf(sender.who, since);
  const found: number[] = [];
  let last = own.length - 1;
  for (const frame of shown.toReversed()) {
    while (last > 0 && (own[last]?.at ?? 0) > frame.at) last -= 1;
    for (let index = last; index >= 0; index -= 1) {
      const candidate = own[index];
      if (!candidate || frame.at - candidate.at > 5_000) break;
      if (framesBetween(candidate.counter, frame.counter) !== 0) continue;
      found.push(frame.at - candidate.at);
      break;
    }
  }
  return [percentile(found, 0.5), percentile(found, 0.95)];
}
