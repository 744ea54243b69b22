/** Browsers without script transforms, as Chrome before 141, and browsers that cannot encrypt at all. */
import { describe, expect, it } from 'vitest';
import { compareCodes } from '../../src/acts.ts';
import type { Participant } from '../../src/browser.ts';
import { report } from '../../src/figures.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { capture } from '../../src/screenshots.ts';
import { admit, consult, enterWaitingRoom } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

describe.each([
  { patients: 'olderChromium', practitioner: 'olderChromium' },
  { patients: 'olderChromium', practitioner: 'chromium' },
  { patients: 'chromium', practitioner: 'olderChromium' },
] as const)('a patient in $patients and a practitioner in $practitioner', (browsers) => {
  it(
    'see and hear each other, and read the same code',
    inWorld({ browsers }, async (world) => compareCodes(await consult(world))),
  );
});

/** Lets a test keep from the page's worker what it needs for the next key. */
function holdKeys(): void {
  type Post = (this: Worker, message: { readonly type: string }, ...rest: unknown[]) => void;
  const postMessage = Worker.prototype.postMessage as Post;
  const kept: (() => void)[] = [];
  const held = { late: false, release: () => kept.splice(0).forEach((post) => post()) };
  Object.assign(globalThis, { __heldKeys: held });
  const mayKeep: Post = function (message, ...rest) {
    const post = () => postMessage.call(this, message, ...rest);
    if (held.late && message.type === 'event') kept.push(post);
    else post();
  };
  Worker.prototype.postMessage = mayKeep as typeof Worker.prototype.postMessage;
}

interface HeldKeys {
  late: boolean;
  release(): void;
}

/** A second of them: less than a decoder waits before it asks for a key frame of its own accord. */
const PICTURES_MISSED = 15;

type Sent = 'framesSent' | 'packetsSent';

/** What the page has sent over the connection that it made last, by the browser's own count. */
async function sent({ page }: Participant, counter: Sent, kinds: string[]): Promise<number> {
  return page.evaluate(
    async ([counted, of]) => {
      let sum = 0;
      for (const entry of (await __held.connections.at(-1)?.getStats())?.values() ?? []) {
        const stats = entry as RTCOutboundRtpStreamStats;
        if (stats.type === 'outbound-rtp' && of.includes(stats.kind)) sum += stats[counted] ?? 0;
      }
      return sum;
    },
    [counter, kinds] as const,
  );
}

const picturesSent = (participant: Participant) => sent(participant, 'framesSent', ['video']);
const packetsSent = (participant: Participant) =>
  sent(participant, 'packetsSent', ['audio', 'video']);

/** How many senders of the connection that was made last have something to send. */
function tracksGiven({ page }: Participant): Promise<number> {
  return page.evaluate(() => {
    const senders = __held.connections.at(-1)?.getSenders() ?? [];
    return senders.filter(({ track }) => track !== null).length;
  });
}

describe.each(['chromium', 'olderChromium'] as const)('a key that comes late to %s', (browser) => {
  it(
    'is followed by the picture at once',
    inWorld({ browsers: { patients: browser } }, async (world) => {
      const { patient, practitioner } = await consult(world, { script: holdKeys });
      const keys = (late: boolean) =>
        patient.page.evaluate((is) => {
          const { __heldKeys: held } = globalThis as unknown as { __heldKeys: HeldKeys };
          held.late = is;
          if (!is) held.release();
        }, late);
      await keys(true);
      await practitioner.page.reload();
      await expect
        .poll(() => picturesSent(practitioner), { timeout: MEDIA_MS })
        .toBeGreaterThan(PICTURES_MISSED);
      const came = Date.now();
      await keys(false);
      await patient.probe.sees('practitioner', { within: MEDIA_MS });
      const [frame] = patient.probe.framesOf('practitioner', came);
      report(`picture after a late key in ${browser}`, (frame?.at ?? Date.now()) - came);
    }),
  );
});

/** A browser that says that it hands encoded frames over, and does not. */
function keepsFrames(): void {
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  const createEncodedStreams = () => {
    throw new DOMException('', 'InvalidStateError');
  };
  Object.assign(RTCRtpSender.prototype, { createEncodedStreams });
}

/** The same of those that come in. */
function keepsReceivedFrames(): void {
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  const createEncodedStreams = () => {
    throw new DOMException('', 'InvalidStateError');
  };
  Object.assign(RTCRtpReceiver.prototype, { createEncodedStreams });
}

/** Tracks of others in the page's elements. */
async function tracksPlayed({ page }: Participant): Promise<number> {
  return page.evaluate(() => {
    const videos = [...document.querySelectorAll('video')].filter((video) => !video.muted);
    return videos.flatMap(({ srcObject }) => (srcObject as MediaStream | null)?.getTracks() ?? [])
      .length;
  });
}

describe('a browser that does not hand its frames over', () => {
  it(
    'sends none of them',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA', { script: keepsFrames });
      await enterWaitingRoom(patient);
      const since = Date.now();
      await admit(practitioner, 'patientA');
      await patient.probe.sees('practitioner', { count: 30 });
      await patient.probe.hears('practitioner');
      expect(await tracksGiven(patient)).toBe(0);
      expect(await packetsSent(patient)).toBe(0);
      expect(practitioner.probe.framesOf('patientA', since)).toEqual([]);
      expect(practitioner.probe.hasHeard('patientA', since)).toBe(false);
    }),
  );

  it(
    'plays nothing of what comes in, as it could be in the clear',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA', { script: keepsReceivedFrames });
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await practitioner.probe.sees('patientA', { count: 30 });
      expect(await tracksPlayed(practitioner)).toBe(2);
      expect(await tracksPlayed(patient)).toBe(0);
    }),
  );
});

/** A browser from before both ways to get at encoded frames. */
function cannotEncrypt(): void {
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  for (const { prototype } of [RTCRtpSender, RTCRtpReceiver]) {
    Reflect.deleteProperty(prototype, 'createEncodedStreams');
  }
}

describe('a browser that cannot encrypt', () => {
  it(
    'is told so, and neither connects nor opens the camera',
    inWorld({}, async (world) => {
      const people = [
        await world.patient('patientA', { script: cannotEncrypt }),
        await world.practitioner({ script: cannotEncrypt }),
      ];
      for (const participant of people) {
        await participant.isAt('This browser is too old');
        await participant.reads(/It cannot encrypt a video conversation/);
        expect(await participant.connectionsMade()).toBe(0);
        expect(await participant.camerasInUse()).toBe(0);
        expect(participant.wire.spoken).toBe(false);
      }
      await capture(people[0]!.page, 'cannot-encrypt');
    }),
  );
});
