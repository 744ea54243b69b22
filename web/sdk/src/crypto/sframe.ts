/** SFrame (RFC 9605 section 4.4) with the two AES-GCM suites, on WebCrypto. */

import { bigEndian, concat, utf8, type Bytes } from '../support/bytes.ts';
import { encodeHeader, type Header } from './header.ts';

interface Suite {
  readonly id: number;
  readonly hash: 'SHA-256' | 'SHA-512';
  readonly keyBytes: number;
}

/** The cipher suites of RFC 9605 section 4.5 that use AES-GCM with a whole tag. */
export const AES_128_GCM_SHA256_128: Suite = { id: 4, hash: 'SHA-256', keyBytes: 16 };
export const AES_256_GCM_SHA512_128: Suite = { id: 5, hash: 'SHA-512', keyBytes: 32 };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key for one KID: what is derived from the base key, and never the base key. */
export interface FrameKey {
  readonly kid: bigint;
  readonly key: CryptoKey;
  readonly salt: Bytes;
}

/** A base key, in a form that cannot be read back. */
export function importBaseKey(baseKey: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', baseKey, 'HKDF', false, ['deriveBits']);
}

/** The key and salt as bytes (section 4.4.2). Exported for the vectors; use `deriveFrameKey`. */
export async function deriveBits(
  suite: Suite,
  baseKey: CryptoKey,
  kid: bigint,
): Promise<{ key: Bytes; salt: Bytes }> {
  const suffix = concat(bigEndian(kid, 8), bigEndian(BigInt(suite.id), 2));
  const expand = async (label: string, length: number): Promise<Bytes> => {
    const info = concat(utf8(label), suffix);
    const parameters = { name: 'HKDF', hash: suite.hash, salt: new Uint8Array(), info };
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, baseKey, length * 8));
  };
  return {
    key: await expand('SFrame 1.0 Secret key ', suite.keyBytes),
    salt: await expand('SFrame 1.0 Secret salt ', NONCE_BYTES),
  };
}

export async function deriveFrameKey(
  suite: Suite,
  baseKey: CryptoKey,
  kid: bigint,
): Promise<FrameKey> {
  const { key, salt } = await deriveBits(suite, baseKey, kid);
  const usages: KeyUsage[] = ['encrypt', 'decrypt'];
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, usages);
  key.fill(0);
  return { kid, key: imported, salt };
}

/** Section 4.4.3: the salt, exclusive-or the counter in the last eight bytes. */
export function nonce(salt: Uint8Array, counter: bigint): Bytes {
  const bytes = bigEndian(counter, NONCE_BYTES);
  return bytes.map((byte, i) => byte ^ (salt[i] ?? 0));
}

/** Header and ciphertext. The caller never repeats a counter under one key. */
export async function seal(
  key: FrameKey,
  counter: bigint,
  metadata: Uint8Array,
  plaintext: Bytes,
): Promise<Bytes> {
  const header = encodeHeader(key.kid, counter);
  const sealed = await crypto.subtle.encrypt(
    parameters(key, counter, concat(header, metadata)),
    key.key,
    plaintext,
  );
  return concat(header, new Uint8Array(sealed));
}

/** The plaintext; null when the frame was not sealed under this key with this metadata. */
export async function open(
  key: FrameKey,
  header: Header,
  metadata: Uint8Array,
  frame: Bytes,
): Promise<Bytes | null> {
  if (frame.length < header.length + TAG_BYTES) return null;
  const aad = concat(frame.subarray(0, header.length), metadata);
  const body = frame.subarray(header.length);
  const opened = crypto.subtle.decrypt(parameters(key, header.counter, aad), key.key, body);
  return opened.then(
    (plaintext) => new Uint8Array(plaintext),
    () => null,
  );
}

function parameters(key: FrameKey, counter: bigint, additionalData: Bytes): AesGcmParams {
  return {
    name: 'AES-GCM',
    iv: nonce(key.salt, counter),
    additionalData,
    tagLength: 8 * TAG_BYTES,
  };
}
