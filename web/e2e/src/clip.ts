/** The fake cameras and microphones, written once and kept under `.cache`. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CAST, type Member, type Who } from './cast.ts';
import { encode, FRAME, LAYOUT, LIVELY } from './code.ts';

const CACHE = join(import.meta.dirname, '..', '.cache');
const GREY_CHROMA = 128;

/** How bright what is in the picture is, 0 to 255; the wall from top to bottom. */
export const SHADES = { wall: [200, 128], person: 70, dark: 20, bright: 230 } as const;

export interface Picture {
  readonly luma: Uint8Array;
  readonly cb: Uint8Array;
  readonly cr: Uint8Array;
}

function inEllipse(x: number, y: number, cx: number, cy: number, rx: number, ry: number): boolean {
  return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
}

/** A head and shoulders, so that a screenshot of a consultation looks like one. */
function inPerson(x: number, y: number): boolean {
  return inEllipse(x, y, 320, 128, 66, 84) || inEllipse(x, y, 320, 345, 180, 150);
}

/** What does not change from frame to frame: backdrop, person, and a white border for the code. */
function backdrop(member: Member): Picture {
  const { width, height } = FRAME;
  const luma = new Uint8Array(width * height);
  const cb = new Uint8Array((width * height) / 4).fill(member.backdrop[0]);
  const cr = new Uint8Array((width * height) / 4).fill(member.backdrop[1]);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const person = inPerson(x, y);
      luma[y * width + x] = person ? SHADES.person + (x - 320) / 8 : SHADES.wall[0] - y / 5;
      if (person && x % 2 === 0 && y % 2 === 0) {
        cb[(y * width) / 4 + x / 2] = (GREY_CHROMA + member.backdrop[0]) / 2;
        cr[(y * width) / 4 + x / 2] = (GREY_CHROMA + member.backdrop[1]) / 2;
      }
    }
  }
  const { left, top, block, columns, rows } = LAYOUT;
  const border = 8;
  const picture = { luma, cb, cr };
  const [w, h] = [columns * block + 2 * border, rows * block + 2 * border];
  fill(picture, left - border, top - border, w, h, SHADES.bright);
  return picture;
}

/** Fills a rectangle with a grey; even coordinates, because chroma has half the resolution. */
function fill({ luma, cb, cr }: Picture, x: number, y: number, w: number, h: number, grey: number) {
  for (let row = y; row < y + h; row += 1) {
    luma.fill(grey, row * FRAME.width + x, row * FRAME.width + x + w);
  }
  for (let row = y / 2; row < (y + h) / 2; row += 1) {
    const start = (row * FRAME.width) / 2 + x / 2;
    cb.fill(GREY_CHROMA, start, start + w / 2);
    cr.fill(GREY_CHROMA, start, start + w / 2);
  }
}

function drawCode(picture: Picture, camera: number, counter: number): void {
  const { left, top, block, columns } = LAYOUT;
  [...encode(camera, counter)].forEach((bit, index) => {
    const x = left + (index % columns) * block;
    const y = top + Math.floor(index / columns) * block;
    fill(picture, x, y, block, block, bit === '1' ? SHADES.bright : SHADES.dark);
  });
}

/** The side of a patch of a lively wall, and how much brighter or darker it is than the wall. */
const PATCH = { side: 4, contrast: 24 } as const;

/** Dapples the upper half of the picture anew, around the person; the same for the same counter. */
function dapple({ luma }: Picture, wall: Uint8Array, counter: number): void {
  let dice = counter + 1;
  for (let y = 0; y < FRAME.height / 2; y += PATCH.side) {
    for (let x = 0; x < FRAME.width; x += PATCH.side) {
      dice = (Math.imul(dice, 1_664_525) + 1_013_904_223) >>> 0;
      if (inPerson(x, y)) continue;
      const shift = (dice / 2 ** 32 - 0.5) * 2 * PATCH.contrast;
      for (let row = y; row < y + PATCH.side; row += 1) {
        const start = row * FRAME.width + x;
        luma.fill((wall[start] ?? 0) + shift, start, start + PATCH.side);
      }
    }
  }
}

/** The frames of somebody's camera, in order. One picture is drawn over again. */
export function* pictures(member: Member): Generator<Picture> {
  const picture = backdrop(member);
  const wall = picture.luma.slice();
  for (let counter = 0; counter < FRAME.count; counter += 1) {
    if (LIVELY) dapple(picture, wall, counter);
    drawCode(picture, member.camera, counter);
    yield picture;
  }
}

/** Writes beside the path and renames, so that a run that was stopped leaves no half file. */
async function writeClip(path: string, member: Member): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w');
  await file.write(
    `YUV4MPEG2 W${FRAME.width} H${FRAME.height} F${FRAME.rate}:1 Ip A1:1 C420jpeg\n`,
  );
  for (const { luma, cb, cr } of pictures(member)) {
    await file.writev([Buffer.from('FRAME\n'), luma, cb, cr]);
  }
  await file.close();
  renameSync(part, path);
}

export const SAMPLE_RATE = 48_000;
const TONE_SECONDS = 6;
/** On and off like syllables: a steady tone is noise to a browser's noise suppression. */
export const SYLLABLE_SECONDS = 0.5;

/**
 * One sample of the voice: a tone that swells and fades within each syllable, then a short pause. It
 * is also sent into pages as text, so it names nothing outside of itself.
 */
export function voice(tone: number, second: number, syllable: number): number {
  const position = (second % syllable) / syllable;
  const swell = position < 0.7 ? Math.sin((Math.PI * position) / 0.7) : 0;
  return 0.4 * swell * Math.sin(2 * Math.PI * tone * second);
}

function wav(tone: number): Buffer {
  const samples = SAMPLE_RATE * TONE_SECONDS;
  const buffer = Buffer.alloc(44 + samples * 2);
  buffer.write('RIFF', 0);
  buffer.writeUInt32LE(36 + samples * 2, 4);
  buffer.write('WAVEfmt ', 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(SAMPLE_RATE, 24);
  buffer.writeUInt32LE(SAMPLE_RATE * 2, 28);
  buffer.writeUInt16LE(2, 32);
  buffer.writeUInt16LE(16, 34);
  buffer.write('data', 36);
  buffer.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    const sample = voice(tone, index / SAMPLE_RATE, SYLLABLE_SECONDS);
    buffer.writeInt16LE(Math.round(sample * 32_767), 44 + index * 2);
  }
  return buffer;
}

/** Changes with anything that the files are made from, so that a stale cache is never used. */
function version(): string {
  const sources = ['clip.ts', 'code.ts', 'cast.ts'];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(join(import.meta.dirname, source)));
  return hash.digest('hex').slice(0, 12);
}

/** The folder of this version's files; those of earlier versions, 70 MB a camera, are removed. */
function cacheFolder(): string {
  const current = version();
  const folder = join(CACHE, LIVELY ? `${current}-lively` : current);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const old = readdirSync(CACHE).filter((name) => !name.startsWith(current));
  for (const name of old) rmSync(join(CACHE, name), { recursive: true });
  mkdirSync(folder);
  return folder;
}

/** The files' names, which a page sees as the camera's label. */
export const CAMERA_FILE = 'Camera.y4m';
export const MICROPHONE_FILE = 'Microphone.wav';

/** The folder with the files of one person's camera and microphone, made when not there yet. */
export async function deviceFiles(who: Who): Promise<string> {
  const member = CAST[who];
  const folder = join(cacheFolder(), who);
  mkdirSync(folder, { recursive: true });
  const camera = join(folder, CAMERA_FILE);
  const microphone = join(folder, MICROPHONE_FILE);
  if (!existsSync(camera)) await writeClip(camera, member);
  if (!existsSync(microphone)) writeFileSync(microphone, wav(member.tone));
  return folder;
}
