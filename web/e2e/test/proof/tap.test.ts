/**
 * Whoever runs the SFU, with all that it receives and sends at hand and SRTP off, tries to watch and to
 * listen. The same attempt succeeds when the pages are made to send in the clear, so it is a fair one.
 */
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { byCamera, EVERYBODY, type Who } from '../../src/cast.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { admit, consult, enterWaitingRoom } from '../../src/steps.ts';
import type { TappedFrame } from '../../src/tap/packets.ts';
import { decodePictures, type Decoded } from '../../src/tap/pictures.ts';
import { decodeSound, type Heard } from '../../src/tap/sounds.ts';
import { streamsOf, Tap } from '../../src/tap/tap.ts';
import { inWorld, type World } from '../../src/world.ts';

/** Two people, each with sound and picture, each received once and sent once. */
const STREAMS = 8;
/** Four seconds of pictures. */
const FRAMES = 60;

/** Stands in the worker before our own code: what is to be sent goes out as the encoder made it. */
const IN_THE_CLEAR = `
  addEventListener('rtctransform', (event) => {
    const { transformer } = event;
    if (transformer.options.direction !== 'send') return;
    event.stopImmediatePropagation();
    (globalThis.clear ??= []).push(transformer);
    transformer.readable.pipeTo(transformer.writable);
  });
`;

async function sendInTheClear({ context }: Participant): Promise<void> {
  await context.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: IN_THE_CLEAR + (await response.text()) });
  });
}

/** The body of a test whose SFU is tapped. */
function tapped(body: (world: World, tap: Tap) => Promise<void>) {
  return async (context: Parameters<ReturnType<typeof inWorld>>[0]): Promise<void> => {
    const tap = new Tap();
    try {
      await inWorld({ command: tap.command }, (world) => body(world, tap))(context);
    } finally {
      tap.remove();
    }
  };
}

interface Watched {
  readonly frames: number;
  readonly decoded: Decoded;
}

function watch(all: readonly TappedFrame[]): Watched[] {
  const pictures = streamsOf(all.filter(({ medium }) => medium === 'picture'));
  return [...pictures.values()].map((frames) => {
    return { frames: frames.length, decoded: decodePictures(frames.map(({ data }) => data)) };
  });
}

async function listen(all: readonly TappedFrame[], { context }: Participant): Promise<Heard[]> {
  const page = await context.newPage();
  // Decoders are given to pages of a trustworthy origin only.
  await page.goto(context.pages()[0]?.url() ?? '');
  const sounds = streamsOf(all.filter(({ medium }) => medium === 'sound'));
  const heard: Heard[] = [];
  for (const frames of sounds.values()) {
    heard.push(
      await decodeSound(
        page,
        frames.map(({ data }) => data),
      ),
    );
  }
  await page.close();
  return heard;
}

/** Whose pictures these are; empty when there is nobody to be seen. */
function peopleIn({ decoded }: Watched): (Who | null)[] {
  return [...new Set(decoded.codes.map(({ camera }) => byCamera(camera)))];
}

describe('whoever taps the SFU', () => {
  it(
    'sees and hears everybody who sends in the clear, whom nobody else is shown',
    tapped(async (world, tap) => {
      const practitioner = await world.practitioner({ prepare: sendInTheClear });
      const patient = await world.patient('patientA', { prepare: sendInTheClear });
      await enterWaitingRoom(patient);
      const since = Date.now();
      await admit(practitioner, 'patientA');
      const all = await tap.until(STREAMS, FRAMES, MEDIA_MS);

      const watched = watch(all);
      expect(watched).toHaveLength(STREAMS / 2);
      for (const { frames, decoded } of watched) {
        expect(decoded.codes.length).toBeGreaterThanOrEqual(0.95 * frames);
      }
      expect(new Set(watched.flatMap(peopleIn))).toEqual(new Set(['patientA', 'practitioner']));

      const stranger = await world.patient('patientB', { unwatched: true });
      for (const { blocks, voices } of await listen(all, stranger)) {
        // Between the syllables there is silence.
        const speaking = EVERYBODY.filter((who) => voices[who] >= blocks / 5);
        expect(speaking).toHaveLength(1);
      }

      // The pages take nothing that is not sealed for them.
      expect(patient.probe.framesOf('practitioner', since)).toEqual([]);
      expect(practitioner.probe.framesOf('patientA', since)).toEqual([]);
      expect(patient.probe.hasHeard('practitioner', since)).toBe(false);
      expect(practitioner.probe.hasHeard('patientA', since)).toBe(false);
    }),
  );

  it(
    'sees and hears nobody in a consultation as the server serves it',
    tapped(async (world, tap) => {
      await consult(world);
      const all = await tap.until(STREAMS, FRAMES, MEDIA_MS);

      const watched = watch(all);
      expect(watched).toHaveLength(STREAMS / 2);
      for (const { frames, decoded } of watched) {
        expect(frames).toBeGreaterThanOrEqual(FRAMES);
        // Noise may decode to pictures; nobody is in them.
        expect(decoded.codes).toEqual([]);
      }
      const stranger = await world.patient('patientB', { unwatched: true });
      const heard = await listen(all, stranger);
      expect(heard).toHaveLength(STREAMS / 2);
      for (const { voices } of heard) expect(Object.values(voices)).toEqual([0, 0, 0, 0]);
    }),
  );
});
