import { describe, expect, it } from 'vitest';
import { decodeHeader, encodeHeader } from '../src/crypto/header.ts';
import { REPLAY_WINDOW } from '../src/crypto/limits.ts';
import { ReplayWindow } from '../src/crypto/replay.ts';
import {
  AES_128_GCM_SHA256_128,
  AES_256_GCM_SHA512_128,
  deriveBits,
  deriveFrameKey,
  importBaseKey,
  nonce,
  open,
  seal,
} from '../src/crypto/sframe.ts';
import { toHex } from '../src/support/bytes.ts';
import vectors from '../vectors/sframe.json' with { type: 'json' };
import { hex } from './support/hex.ts';

const number = (text: string): bigint => BigInt(`0x${text}`);

describe('RFC 9605 header vectors', () => {
  it('has all of them', () => {
    expect(vectors.header).toHaveLength(289);
  });

  it.each(vectors.header)('$encoded is KID $kid, CTR $ctr', ({ kid, ctr, encoded }) => {
    expect(toHex(encodeHeader(number(kid), number(ctr)))).toBe(encoded);
    expect(decodeHeader(hex(encoded))).toEqual({
      kid: number(kid),
      counter: number(ctr),
      length: encoded.length / 2,
    });
  });

  it.each(vectors.header)('$encoded cut short is refused', ({ encoded }) => {
    expect(decodeHeader(hex(encoded).slice(0, -1))).toBeNull();
  });
});

describe('a header that is not in its shortest form', () => {
  it.each(['0800', '0807', '090001', '8000', '8100ff', '8007'])('%s is refused', (encoded) => {
    expect(decodeHeader(hex(encoded))).toBeNull();
  });
});

describe.each(vectors.sframe)('RFC 9605 vector of suite $cipher_suite', (vector) => {
  const suite = vector.cipher_suite === 4 ? AES_128_GCM_SHA256_128 : AES_256_GCM_SHA512_128;
  const kid = number(vector.kid);
  const counter = number(vector.ctr);
  const key = async () => deriveFrameKey(suite, await importBaseKey(hex(vector.base_key)), kid);

  it('derives the key, the salt and the nonce', async () => {
    const derived = await deriveBits(suite, await importBaseKey(hex(vector.base_key)), kid);
    expect(toHex(derived.key)).toBe(vector.sframe_key);
    expect(toHex(derived.salt)).toBe(vector.sframe_salt);
    expect(toHex(nonce(derived.salt, counter))).toBe(vector.nonce);
  });

  it('seals', async () => {
    const sealed = await seal(await key(), counter, hex(vector.metadata), hex(vector.pt));
    expect(toHex(sealed)).toBe(vector.ct);
  });

  it('opens', async () => {
    const frame = hex(vector.ct);
    const header = decodeHeader(frame);
    expect(header).not.toBeNull();
    const opened = header && (await open(await key(), header, hex(vector.metadata), frame));
    expect(opened && toHex(opened)).toBe(vector.pt);
  });

  it('refuses a frame of which any byte was changed', async () => {
    const frame = hex(vector.ct);
    const opening = await key();
    for (let i = 0; i < frame.length; i++) {
      const changed = frame.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      const header = decodeHeader(changed);
      const opened = header && (await open(opening, header, hex(vector.metadata), changed));
      expect(opened, `byte ${i}`).toBeNull();
    }
  });

  it('refuses other metadata, and a frame without a whole tag', async () => {
    const frame = hex(vector.ct);
    const header = decodeHeader(frame);
    if (header === null) throw new Error('no header');
    expect(await open(await key(), header, hex('00'), frame)).toBeNull();
    const short = frame.slice(0, header.length + 15);
    expect(await open(await key(), header, hex(vector.metadata), short)).toBeNull();
  });
});

describe('a replay window', () => {
  it('takes each counter once, in any order inside the window', () => {
    const window = new ReplayWindow();
    for (const counter of [5n, 3n, 4n, 6n]) {
      expect(window.isNew(counter)).toBe(true);
      window.accept(counter);
      expect(window.isNew(counter)).toBe(false);
    }
    expect(window.isNew(0n)).toBe(true);
  });

  it('forgets nothing that is inside, and takes nothing that is below', () => {
    const window = new ReplayWindow();
    window.accept(0n);
    window.accept(BigInt(REPLAY_WINDOW) - 1n);
    expect(window.isNew(0n)).toBe(false);
    expect(window.isNew(1n)).toBe(true);
    window.accept(BigInt(REPLAY_WINDOW));
    expect(window.isNew(0n)).toBe(false);
    expect(window.isNew(BigInt(REPLAY_WINDOW) + 1n)).toBe(true);
  });

  it('does not take a counter for one that shared its place before', () => {
    const window = new ReplayWindow();
    window.accept(5n);
    window.accept(8n + BigInt(REPLAY_WINDOW));
    expect(window.isNew(5n + BigInt(REPLAY_WINDOW))).toBe(true);
  });

  it('lets a place be used again after the window moved over it', () => {
    const window = new ReplayWindow();
    window.accept(7n);
    window.accept(7n + 10n * BigInt(REPLAY_WINDOW));
    expect(window.isNew(8n + 10n * BigInt(REPLAY_WINDOW) - BigInt(REPLAY_WINDOW))).toBe(true);
    expect(window.isNew(7n)).toBe(false);
  });
});
