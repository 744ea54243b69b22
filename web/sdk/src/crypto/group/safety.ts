/**
 * The safety code: what two people read to each other to know that nobody stands between them.
 *
 * Six digits of the epoch authenticator alone could be found by trying: a server between two groups
 * makes new ones until both show the same. So each member first binds itself to a random nonce and
 * opens it only once it has everybody's commitment. Whoever stands between has then one guess in a
 * million, and not one in a million a try.
 *
 *     commitment = SHA-256("vestibule safety commitment v1" 0 authenticator leaf(4) nonce(32))
 *     input      = authenticator, then every member's nonce in the order of the leaves
 *     digits     = SHA-256("vestibule safety digits v1" 0 input), first 8 bytes, mod 10^6
 *     long       = SHA-256("vestibule safety long v1" 0 input), six times 5 bytes, mod 10^5
 */

import { bigEndian, concat, equal, fromBigEndian, utf8, type Bytes } from '../../support/bytes.ts';
import type { SafetyCode } from '../../contract.ts';

export const NONCE_BYTES = 32;

export type SafetyStatus =
  | { readonly state: 'pending' }
  /** Somebody opened another nonce than they were bound to: an attack. */
  | { readonly state: 'broken' }
  | { readonly state: 'done'; readonly code: SafetyCode };

/** One member's side of the exchange in one epoch. */
export class SafetyRound {
  readonly #authenticator: Bytes;
  readonly #leaves: readonly number[];
  readonly #own: number;
  readonly #commitments = new Map<number, Bytes>();
  readonly #nonces = new Map<number, Bytes>();
  #revealed = false;
  status: SafetyStatus = { state: 'pending' };

  constructor(authenticator: Bytes, leaves: readonly number[], own: number, nonce: Bytes) {
    this.#authenticator = authenticator;
    this.#leaves = [...leaves].sort((a, b) => a - b);
    this.#own = own;
    this.#nonces.set(own, nonce);
  }

  /** What to send first. */
  async commitment(): Promise<Bytes> {
    const nonce = this.#nonces.get(this.#own) ?? new Uint8Array();
    const made = await commit(this.#authenticator, this.#own, nonce);
    this.#commitments.set(this.#own, made);
    return made;
  }

  /** Takes somebody's commitment; the first one binds. */
  committed(leaf: number, commitment: Bytes): void {
    if (!this.#leaves.includes(leaf) || this.#commitments.has(leaf)) return;
    this.#commitments.set(leaf, commitment);
  }

  /** The own nonce, once, as soon as everybody is bound. */
  reveal(): Bytes | null {
    if (this.#revealed || this.#commitments.size < this.#leaves.length) return null;
    this.#revealed = true;
    return this.#nonces.get(this.#own) ?? null;
  }

  /** Takes somebody's nonce. */
  async revealed(leaf: number, nonce: Bytes): Promise<void> {
    const bound = this.#commitments.get(leaf);
    if (bound === undefined || leaf === this.#own || this.#nonces.has(leaf)) return;
    if (!equal(await commit(this.#authenticator, leaf, nonce), bound)) {
      this.status = { state: 'broken' };
      return;
    }
    this.#nonces.set(leaf, nonce);
    await this.#conclude();
  }

  async #conclude(): Promise<void> {
    if (this.status.state !== 'pending' || this.#nonces.size < this.#leaves.length) return;
    const nonces = this.#leaves.map((leaf) => this.#nonces.get(leaf) ?? new Uint8Array());
    this.status = { state: 'done', code: await codeOf(concat(this.#authenticator, ...nonces)) };
  }
}

function commit(authenticator: Bytes, leaf: number, nonce: Bytes): Promise<Bytes> {
  const bound = concat(authenticator, bigEndian(BigInt(leaf), 4), nonce);
  return digest('vestibule safety commitment v1', bound);
}

async function codeOf(input: Bytes): Promise<SafetyCode> {
  const short = fromBigEndian((await digest('vestibule safety digits v1', input)).subarray(0, 8));
  const wide = await digest('vestibule safety long v1', input);
  const digits = (short % 1_000_000n).toString().padStart(6, '0');
  const groups = [0, 5, 10, 15, 20, 25].map((start) =>
    (fromBigEndian(wide.subarray(start, start + 5)) % 100_000n).toString().padStart(5, '0'),
  );
  return { digits: `${digits.slice(0, 3)} ${digits.slice(3)}`, long: groups.join(' ') };
}

async function digest(label: string, input: Bytes): Promise<Bytes> {
  const data = concat(utf8(label), Uint8Array.of(0), input);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
}
