/** The SFrame header (RFC 9605 section 4.3): one config byte, then KID and CTR where they do not fit it. */

import { bigEndian, concat, fromBigEndian, type Bytes } from '../support/bytes.ts';

export interface Header {
  readonly kid: bigint;
  readonly counter: bigint;
  /** How many bytes the header took. */
  readonly length: number;
}

/** Values up to this stand in the config byte itself. */
const IN_CONFIG_BYTE = 7n;
const EXTENDED = 0b1000;

export function encodeHeader(kid: bigint, counter: bigint): Bytes {
  const k = field(kid);
  const c = field(counter);
  return concat(Uint8Array.of((k.bits << 4) | c.bits), k.bytes, c.bytes);
}

/** Reads a header; null when it is cut short or not in its shortest form. */
export function decodeHeader(frame: Uint8Array): Header | null {
  const config = frame[0];
  if (config === undefined) return null;
  const kid = read(frame, 1, config >> 4);
  if (kid === null) return null;
  const counter = read(frame, kid.end, config & 0b1111);
  if (counter === null) return null;
  return { kid: kid.value, counter: counter.value, length: counter.end };
}

function field(value: bigint): { bits: number; bytes: Bytes } {
  if (value <= IN_CONFIG_BYTE) return { bits: Number(value), bytes: new Uint8Array() };
  const length = Math.ceil(value.toString(16).length / 2);
  return { bits: EXTENDED | (length - 1), bytes: bigEndian(value, length) };
}

function read(
  frame: Uint8Array,
  start: number,
  bits: number,
): { value: bigint; end: number } | null {
  if ((bits & EXTENDED) === 0) return { value: BigInt(bits), end: start };
  const length = (bits & 0b111) + 1;
  const end = start + length;
  if (end > frame.length) return null;
  const value = fromBigEndian(frame.subarray(start, end));
  // One value has one form: a longer form than needed is not what any sender makes.
  const shortest = value > IN_CONFIG_BYTE && (length === 1 || frame[start] !== 0);
  return shortest ? { value, end } : null;
}
