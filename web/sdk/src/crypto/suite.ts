/**
 * MLS suite 1 (X25519, AES-128-GCM, Ed25519) for ts-mls.
 *
 * Put together from its parts and not by its own loader, which would carry eighteen more suites and
 * their optional libraries into the bundle.
 */

import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { CiphersuiteImpl } from 'ts-mls';
import { makeHashImpl } from 'ts-mls/crypto/implementation/default/makeHashImpl.js';
import { makeKdfImpl } from 'ts-mls/crypto/implementation/default/makeKdfImpl.js';
import { defaultRng } from 'ts-mls/crypto/implementation/default/rng.js';
import { makeGenericHpke } from 'ts-mls/crypto/implementation/hpke.js';
import { copy } from '../support/bytes.ts';

export const SUITE_NAME = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

const HPKE = { kem: 'DHKEM-X25519-HKDF-SHA256', aead: 'AES128GCM', kdf: 'HKDF-SHA256' } as const;

/** What stands before the 32 bytes of a private key in its PKCS #8 form (RFC 8410 section 7). */
const PKCS8_ED25519 = Uint8Array.of(
  0x30,
  0x2e,
  0x02,
  0x01,
  0x00,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x04,
  0x22,
  0x04,
  0x20,
);

export async function makeSuite(): Promise<CiphersuiteImpl> {
  const hpke = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes128Gcm(),
  });
  return {
    name: SUITE_NAME,
    hash: makeHashImpl(crypto.subtle, 'SHA-256'),
    kdf: makeKdfImpl(new HkdfSha256()),
    rng: defaultRng,
    hpke: await makeGenericHpke(HPKE, aead, hpke),
    signature,
  };
}

const aead = {
  async encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) {
    const imported = await aesKey(key, 'encrypt');
    return new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, aad), imported, copy(plaintext)));
  },
  async decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array) {
    const imported = await aesKey(key, 'decrypt');
    return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, aad), imported, copy(ciphertext)));
  },
};

const signature: CiphersuiteImpl['signature'] = {
  async sign(signKey, message) {
    const pkcs8 = new Uint8Array([...PKCS8_ED25519, ...signKey]);
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
    pkcs8.fill(0);
    return new Uint8Array(await crypto.subtle.sign('Ed25519', key, copy(message)));
  },
  async verify(publicKey, message, given) {
    const key = await crypto.subtle.importKey('raw', copy(publicKey), 'Ed25519', false, ['verify']);
    return crypto.subtle.verify('Ed25519', key, copy(given), copy(message));
  },
  async keygen() {
    const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('no key pair');
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return { publicKey, signKey: pkcs8.slice(PKCS8_ED25519.length) };
  },
};

function aesKey(key: Uint8Array, usage: KeyUsage): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', copy(key), 'AES-GCM', false, [usage]);
}

function gcm(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: copy(nonce), additionalData: copy(aad) };
}
