/** Sound out of tapped frames, by a browser's own Opus decoder. */
import type { Page } from 'playwright-core';
import { CAST, EVERYBODY, type Who } from '../cast.ts';

/** A tenth of a second is somebody's voice when it is as loud as a quiet one, and mostly this tone. */
const AUDIBLE = 0.02;
const MOSTLY = 0.5;

export interface Heard {
  /** How many tenths of a second came out of the decoder. */
  readonly blocks: number;
  /** How many of them are this person's voice. */
  readonly voices: Readonly<Record<Who, number>>;
}

/** Decodes the frames of one stream in a page, oldest first. */
export async function decodeSound(page: Page, frames: readonly Buffer[]): Promise<Heard> {
  const tones = EVERYBODY.map((who) => CAST[who].tone);
  const encoded = frames.map((frame) => frame.toString('base64'));
  const blocks = await page.evaluate(measureTones, { encoded, tones });
  const count = (index: number) =>
    blocks.filter(({ power, levels }) => {
      const level = levels[index] ?? 0;
      return level >= AUDIBLE && level ** 2 / 2 >= MOSTLY * power;
    }).length;
  const voices = Object.fromEntries(EVERYBODY.map((who, index) => [who, count(index)]));
  return { blocks: blocks.length, voices: voices as Record<Who, number> };
}

/** A tenth of a second of sound. */
interface Block {
  /** The mean square of its samples. */
  readonly power: number;
  /** The amplitude of each tone. */
  readonly levels: readonly number[];
}

/** Runs inside the page, where it is sent as text. */
async function measureTones({
  encoded,
  tones,
}: {
  encoded: readonly string[];
  tones: readonly number[];
}): Promise<Block[]> {
  const RATE = 48_000;
  const samples: number[] = [];
  const take = (data: AudioData) => {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
    data.close();
    samples.push(...plane);
  };
  const open = () => {
    // It is closed by an error, and another one goes on.
    const decoder = new AudioDecoder({ output: take, error: () => undefined });
    decoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 2 });
    return decoder;
  };
  let decoder = open();
  for (const [index, text] of encoded.entries()) {
    const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: index * 20_000, data }));
    await decoder.flush().catch(() => undefined);
    if (decoder.state === 'closed') decoder = open();
  }

  /** Goertzel's algorithm. */
  const amplitude = (block: readonly number[], tone: number) => {
    const coefficient = 2 * Math.cos((2 * Math.PI * tone) / RATE);
    let [last, beforeLast] = [0, 0];
    for (const sample of block) {
      [last, beforeLast] = [sample + coefficient * last - beforeLast, last];
    }
    const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
    return (2 * Math.sqrt(Math.max(power, 0))) / block.length;
  };
  const size = RATE / 10;
  const blocks = Array.from({ length: Math.floor(samples.length / size) }, (_, index) =>
    samples.slice(index * size, (index + 1) * size),
  );
  return blocks.map((block) => ({
    power: block.reduce((sum, sample) => sum + sample ** 2, 0) / block.length,
    levels: tones.map((tone) => amplitude(block, tone)),
  }));
}
