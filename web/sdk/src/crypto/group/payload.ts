/** What travels inside MLS application messages: one JSON object each. */

import { fromBase64, fromUtf8, toBase64, utf8, type Bytes } from '../../support/bytes.ts';
import { CHAT_CHARS, HISTORY_PER_MESSAGE } from '../limits.ts';

export interface ChatLine {
  readonly id: string;
  /** The participant who wrote it. */
  readonly from: string;
  readonly text: string;
  /** When, in the server's milliseconds. */
  readonly at: number;
  /** Who hands it over was told of it themselves. */
  readonly told?: boolean;
}

export type Payload =
  | {
      readonly type: 'safety_commitment';
      readonly commitment: Bytes;
      readonly said?: number | undefined;
    }
  | { readonly type: 'safety_reveal'; readonly nonce: Bytes }
  | { readonly type: 'safety_verdict'; readonly same: boolean }
  | {
      readonly type: 'chat';
      readonly id: string;
      readonly text: string;
      readonly at: number;
      /** Counts the lines of a page from 1. */
      readonly n?: number | undefined;
    }
  | { readonly type: 'history'; readonly lines: readonly ChatLine[]; readonly more: boolean };

export function encodePayload(payload: Payload): Bytes {
  switch (payload.type) {
    case 'safety_commitment':
      return json({ ...payload, commitment: toBase64(payload.commitment) });
    case 'safety_reveal':
      return json({ type: payload.type, nonce: toBase64(payload.nonce) });
    case 'safety_verdict':
    case 'chat':
    case 'history':
      return json(payload);
  }
}

/** Reads a payload; null when it is none that we know, or beyond a limit. */
export function decodePayload(data: Uint8Array): Payload | null {
  try {
    return read(JSON.parse(fromUtf8(data)));
  } catch {
    return null;
  }
}

function read(value: unknown): Payload | null {
  if (!isRecord(value)) return null;
  const { type, commitment, nonce, lines, more } = value;
  if (type === 'safety_commitment' && typeof commitment === 'string') {
    return { type, commitment: fromBase64(commitment), said: count(value['said']) };
  }
  if (type === 'safety_reveal' && typeof nonce === 'string')
    return { type, nonce: fromBase64(nonce) };
  if (type === 'safety_verdict' && typeof value['same'] === 'boolean') {
    return { type, same: value['same'] };
  }
  if (type === 'chat' && isLine({ ...value, from: '' })) {
    const { id, text, at } = value;
    return { type, id: String(id), text: String(text), at: Number(at), n: count(value['n']) };
  }
  if (type === 'history' && Array.isArray(lines) && lines.length <= HISTORY_PER_MESSAGE) {
    return lines.every(isLine) ? { type, lines: lines.map(line), more: more === true } : null;
  }
  return null;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isLine(value: unknown): value is ChatLine {
  if (!isRecord(value)) return false;
  const { id, from, text, at } = value;
  return (
    typeof id === 'string' &&
    id.length > 0 &&
    id.length <= ID_CHARS &&
    typeof from === 'string' &&
    from.length <= ID_CHARS &&
    typeof text === 'string' &&
    text.length > 0 &&
    text.length <= CHAT_CHARS &&
    Number.isFinite(at)
  );
}

function line({ id, from, text, at, told }: ChatLine): ChatLine {
  return { id, from, text, at, told: told === true };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function json(value: unknown): Bytes {
  return utf8(JSON.stringify(value));
}

/** A UUID has 36. */
const ID_CHARS = 64;
