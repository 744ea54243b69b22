/**
 * Encodes drawn people and their voices into the files that native participants send: VP8 in IVF, Opus in
 * Ogg. Chromium's own encoders do it, so that nothing needs to be installed. The files are committed; run
 * `npm run clips` in this folder when the people or their code change.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { it } from 'vitest';
import { CAST } from '../src/cast.ts';
import { pictures, SAMPLE_RATE, voice, SYLLABLE_SECONDS } from '../src/clip.ts';
import { FRAME } from '../src/code.ts';
import { ivf, oggOpus, type VideoShape } from '../src/containers.ts';
import { DEMO_CAST, DEMO_SHAPE, demoPictures } from '../src/demo-cast.ts';
import { makeEncoder, type PageEncoder } from '../src/page-encoder.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const CHROMIUM = join(import.meta.dirname, '..', 'bin', 'chromium');
/** Encoders are for secure pages alone, and this one counts as such. */
const PAGE = 'http://localhost/encoder';
/** Whoever comes late waits no longer than this for a whole picture. */
const WHOLE_EVERY = 10;
const SOUND_SECONDS = 3;

interface Recording {
  readonly path: string;
  readonly shape: VideoShape;
  readonly bitrate: number;
  readonly pictures: Iterable<{ luma: Uint8Array; cb: Uint8Array; cr: Uint8Array }>;
  readonly sample: (second: number) => number;
}

async function picturesOf(page: Page, recording: Recording): Promise<Uint8Array[]> {
  let index = 0;
  for (const { luma, cb, cr } of recording.pictures) {
    const data = Buffer.concat([luma, cb, cr]).toString('base64');
    const whole = index % WHOLE_EVERY === 0;
    await page.evaluate(
      ([data, index, whole]) =>
        (globalThis as unknown as { __encoder: PageEncoder }).__encoder.picture(data, index, whole),
      [data, index, whole] as const,
    );
    index += 1;
  }
  const frames = await page.evaluate(() =>
    (globalThis as unknown as { __encoder: PageEncoder }).__encoder.frames(),
  );
  return frames.map((frame) => Buffer.from(frame, 'base64'));
}

async function soundOf(page: Page, { sample }: Recording): Promise<Uint8Array[]> {
  const samples = Buffer.alloc(SAMPLE_RATE * SOUND_SECONDS * 2);
  for (let index = 0; index < samples.length / 2; index += 1) {
    samples.writeInt16LE(Math.round(sample(index / SAMPLE_RATE) * 32_767), index * 2);
  }
  const packets = await page.evaluate(
    (samples) => (globalThis as unknown as { __encoder: PageEncoder }).__encoder.sound(samples),
    samples.toString('base64'),
  );
  return packets.map((packet) => Buffer.from(packet, 'base64'));
}

async function record(page: Page, recording: Recording): Promise<void> {
  await page.goto(PAGE);
  const { shape, bitrate } = recording;
  await page.evaluate(makeEncoder, { ...shape, bitrate });
  const path = join(REPOSITORY, recording.path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.ivf`, ivf(await picturesOf(page, recording), shape));
  writeFileSync(`${path}.ogg`, oggOpus(await soundOf(page, recording)));
}

const counting: Recording = {
  path: 'examples/clips/patient',
  shape: FRAME,
  bitrate: 110_000,
  pictures: pictures(CAST.patientB),
  sample: (second) => voice(CAST.patientB.tone, second, SYLLABLE_SECONDS),
};

const demonstration = DEMO_CAST.map((member, index): Recording => ({
  path: `crates/demo/clips/patient-${index + 1}`,
  shape: DEMO_SHAPE,
  bitrate: 60_000,
  pictures: demoPictures(member),
  // Five of them may be heard one after the other all day: softly.
  sample: (second) => 0.1 * voice(member.tone, second, SYLLABLE_SECONDS),
}));

it('records everybody', async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.route(PAGE, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  for (const recording of [counting, ...demonstration]) await record(page, recording);
  await browser.close();
});
