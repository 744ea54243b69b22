/** The device's key, and the proof that a session is this device's. */

import { concat, copy, fromBase64, toBase64, utf8 } from '../support/bytes.ts';
import { PROOF_LABEL } from '../wire.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** A key that can sign and not be read, not even by this page. */
export function makeDeviceKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(P256, false, ['sign', 'verify']);
}

/** The uncompressed point, as the server takes it. */
export async function publicKeyText({ publicKey }: CryptoKeyPair): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)));
}

/** Signs label, challenge and session: see the protocol's description of the proof. */
export async function prove(key: CryptoKey, nonce: string, session: string): Promise<string> {
  const zero = Uint8Array.of(0);
  const signed = concat(utf8(PROOF_LABEL), zero, fromBase64(nonce), zero, utf8(session));
  const parameters = { name: 'ECDSA', hash: 'SHA-256' };
  return toBase64(copy(new Uint8Array(await crypto.subtle.sign(parameters, key, signed))));
}
