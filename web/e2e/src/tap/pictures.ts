/** Pictures out of tapped frames, by libvpx's own decoder, which goes on after whatever it cannot read. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Code, decode, FRAME, LAYOUT } from '../code.ts';
import { DECODING_MS } from '../limits.ts';

const IVF_HEADER_BYTES = 32;
const IVF_FRAME_HEADER_BYTES = 12;
const DARK = 90;
const BRIGHT = 165;

export interface Decoded {
  /** How many pictures came out of the decoder, whatever they show. */
  readonly pictures: number;
  /** The codes that could be read from them. */
  readonly codes: readonly Code[];
}

/** Decodes the frames of one stream, oldest first. */
export function decodePictures(frames: readonly Buffer[]): Decoded {
  const folder = mkdtempSync(join(tmpdir(), 'vestibule-tap-'));
  try {
    writeFileSync(join(folder, 'stream.ivf'), ivf(frames));
    runDecoder(folder);
    const files = readdirSync(folder).filter((name) => name.endsWith('.i420'));
    const codes = files.map((name) => {
      const width = Number(name.split('x')[0]);
      return decode(readBlocks(readFileSync(join(folder, name)), width));
    });
    return { pictures: files.length, codes: codes.filter((code) => code !== null) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Its exit code tells of damaged frames, which is no news: what counts is what came out. */
function runDecoder(folder: string): void {
  const pattern = join(folder, '%wx%h-%6.i420');
  const words = ['--i420', '--keep-going', '-o', pattern, join(folder, 'stream.ivf')];
  try {
    execFileSync('vpxdec', words, { stdio: 'ignore', timeout: DECODING_MS });
  } catch (error) {
    if ((error as { status?: number | null }).status !== 1) throw error;
  }
}

/** The container that vpxdec reads: a header, then each frame with its length and number. */
function ivf(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(IVF_HEADER_BYTES);
  header.write('DKIF', 0);
  header.writeUInt16LE(IVF_HEADER_BYTES, 6);
  header.write('VP80', 8);
  header.writeUInt16LE(FRAME.width, 12);
  header.writeUInt16LE(FRAME.height, 14);
  header.writeUInt32LE(FRAME.rate, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const parts = frames.flatMap((frame, index) => {
    const head = Buffer.alloc(IVF_FRAME_HEADER_BYTES);
    head.writeUInt32LE(frame.length, 0);
    head.writeBigUInt64LE(BigInt(index), 4);
    return [head, frame];
  });
  return Buffer.concat([header, ...parts]);
}

/** The code's blocks in a picture's luma plane, as the probe in the pages reads them. */
function readBlocks(luma: Buffer, width: number): string {
  const scale = width / LAYOUT.frameWidth;
  const size = LAYOUT.block * scale;
  let blocks = '';
  for (let row = 0; row < LAYOUT.rows; row += 1) {
    for (let column = 0; column < LAYOUT.columns; column += 1) {
      const left = (LAYOUT.left + column * LAYOUT.block) * scale;
      const top = (LAYOUT.top + row * LAYOUT.block) * scale;
      const value = brightness(luma, width, left, top, size);
      if (value > DARK && value < BRIGHT) return '';
      blocks += value >= BRIGHT ? '1' : '0';
    }
  }
  return blocks;
}

/** The mean of the middle of a block: its edges blur when a picture is scaled. */
function brightness(luma: Buffer, width: number, left: number, top: number, size: number): number {
  let [sum, count] = [0, 0];
  for (let y = Math.floor(top + size / 4); y < top + (3 * size) / 4; y += 1) {
    for (let x = Math.floor(left + size / 4); x < left + (3 * size) / 4; x += 1) {
      sum += luma[y * width + x] ?? 0;
      count += 1;
    }
  }
  return sum / count;
}
