/** Encoded frames, as they go through a sender's or receiver's transform. */

import { concat, type Bytes } from '../support/bytes.ts';
import type { Source } from '../wire.ts';
import { decodeHeader } from './header.ts';
import type { Keyring } from './keyring.ts';
import { FRAME_BYTES } from './limits.ts';
import { open, seal } from './sframe.ts';

/** Whose track of what kind a receive slot carries, by the word of the server. */
export interface Binding {
  readonly participant: string;
  readonly source: Source;
}

/** Why a frame was dropped. */
export type Drop = 'unbound' | 'malformed' | 'no_key' | 'wrong_sender' | 'replayed' | 'forged';

export type Opened = { readonly frame: Bytes } | { readonly drop: Drop };

/**
 * How many bytes at the head of a VP8 frame stay clear (RFC 7741 section 4.3: the frame header of a
 * key frame takes ten bytes, that of any other three), so that the SFU can tell key frames. They are
 * authenticated. The first bit says which it is, for the sender and, once verified, the receiver.
 */
const VP8_KEY_FRAME_CLEAR = 10;
const VP8_DELTA_FRAME_CLEAR = 3;
const VP8_NOT_KEY = 1;

/**
 * The sealed frame; null when nothing is to be sent: without a key to seal with, and for the empty frames that
 * stand for silence (DTX), which sealed would be packets like all others.
 */
export async function sealFrame(
  keyring: Keyring,
  source: Source,
  frame: Bytes,
): Promise<Bytes | null> {
  const clear = clearLength(source, frame);
  if (clear === null || frame.length === 0 || frame.length > FRAME_BYTES) return null;
  const next = await keyring.next(source);
  if (next === null) return null;
  const metadata = frame.slice(0, clear);
  const sealed = await seal(next.key, next.counter, metadata, frame.slice(clear));
  return concat(metadata, sealed);
}

/** The frame of the participant that the slot is bound to, and of nobody else. */
export async function openFrame(
  keyring: Keyring,
  binding: Binding | null,
  frame: Bytes,
): Promise<Opened> {
  if (binding === null) return { drop: 'unbound' };
  const clear = clearLength(binding.source, frame);
  if (clear === null || frame.length > FRAME_BYTES) return { drop: 'malformed' };
  const metadata = frame.slice(0, clear);
  const sealed = frame.slice(clear);
  const header = decodeHeader(sealed);
  if (header === null) return { drop: 'malformed' };
  const found = await keyring.find(header.kid);
  if (found === null) return { drop: 'no_key' };
  const { member, source, key, window } = found;
  if (member.participant !== binding.participant || source !== binding.source) {
    return { drop: 'wrong_sender' };
  }
  // Spares the work; what counts is the look below, after which nobody else can come first.
  if (!window.isNew(header.counter)) return { drop: 'replayed' };
  const opened = await open(key, header, metadata, sealed);
  if (opened === null) return { drop: 'forged' };
  if (!window.accept(header.counter)) return { drop: 'replayed' };
  return { frame: concat(metadata, opened) };
}

/** A whole picture, from which decoding can begin. Sound has no others. */
export function isWhole(source: Source, frame: Uint8Array): boolean {
  return source === 'microphone' || ((frame[0] ?? VP8_NOT_KEY) & VP8_NOT_KEY) === 0;
}

function clearLength(source: Source, frame: Uint8Array): number | null {
  if (source === 'microphone') return 0;
  const clear = isWhole(source, frame) ? VP8_KEY_FRAME_CLEAR : VP8_DELTA_FRAME_CLEAR;
  return frame.length >= clear ? clear : null;
}
