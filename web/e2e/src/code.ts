/**
 * The code drawn into each frame of a fake camera: who is seen, and which frame it is.
 *
 * Forty black or white blocks, ten by four: four bits of camera number, twenty of frame counter and
 * a CRC-16 over both, so that a frozen, torn or garbled picture is not taken for a live one.
 */

/**
 * Measurements of quality ask for a lively camera: twice the frames, and a wall that never rests, so that a
 * picture takes the bits that a real one would.
 */
export const LIVELY = process.env['LIVELY_CAMERA'] === '1';

/** Thirteen seconds. */
export const FRAME = {
  width: 640,
  height: 360,
  rate: LIVELY ? 30 : 15,
  count: LIVELY ? 390 : 195,
} as const;

/** Where the blocks lie in a frame of that size. Block and place survive a quarter of the size. */
export const LAYOUT = {
  frameWidth: FRAME.width,
  frameHeight: FRAME.height,
  columns: 10,
  rows: 4,
  block: 24,
  left: 200,
  top: 252,
} as const;

const CAMERA_BITS = 4;
const COUNTER_BITS = 20;
const CRC_BITS = 16;

function crc16(bits: string): number {
  let crc = 0xffff;
  for (const bit of bits) {
    const carry = (crc >> 15) ^ (bit === '1' ? 1 : 0);
    crc = (crc << 1) & 0xffff;
    if (carry === 1) crc ^= 0x1021;
  }
  return crc;
}

const binary = (value: number, bits: number) => value.toString(2).padStart(bits, '0');

/** The blocks of one frame, row by row: `1` is white. */
export function encode(camera: number, counter: number): string {
  const message = binary(camera, CAMERA_BITS) + binary(counter, COUNTER_BITS);
  return message + binary(crc16(message), CRC_BITS);
}

export interface Code {
  readonly camera: number;
  readonly counter: number;
}

/** What the blocks say, or null when they are not such a code. */
export function decode(blocks: string): Code | null {
  if (!/^[01]{40}$/.test(blocks)) return null;
  const message = blocks.slice(0, CAMERA_BITS + COUNTER_BITS);
  if (crc16(message) !== parseInt(blocks.slice(message.length), 2)) return null;
  return {
    camera: parseInt(message.slice(0, CAMERA_BITS), 2),
    counter: parseInt(message.slice(CAMERA_BITS), 2),
  };
}

/** How many frames lie between two counters of the looping clip. */
export function framesBetween(earlier: number, later: number): number {
  return (later - earlier + FRAME.count) % FRAME.count;
}
