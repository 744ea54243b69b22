/**
 * Key ids (RFC 9605 section 5.2): context, leaf and the low bits of the epoch.
 *
 *     | generation mod 16 | media | leaf | epoch mod 16 |
 *     |         4         |   2   |  6   |      4       |   bits, sixteen in all
 *
 * The generation tells the groups of one consultation apart while their keys overlap; the media bits
 * give sound, camera and screen keys and counters of their own.
 */

import type { Source } from '../wire.ts';

const EPOCH_BITS = 4n;
const LEAF_BITS = 6n;
const MEDIA_BITS = 2n;
const GENERATION_BITS = 4n;

const MEDIA: Record<Source, bigint> = { microphone: 0n, camera: 1n, screen: 2n };

/** Which epoch of which group. */
export interface EpochName {
  readonly generation: number;
  readonly epoch: number;
}

export interface KeyName extends EpochName {
  readonly source: Source;
  readonly leaf: number;
}

/** The KID; null for a leaf that it has no room for. */
export function kidOf({ generation, epoch, source, leaf }: KeyName): bigint | null {
  if (leaf >= 1 << Number(LEAF_BITS)) return null;
  const context = (low(generation, GENERATION_BITS) << MEDIA_BITS) | MEDIA[source];
  return (((context << LEAF_BITS) | BigInt(leaf)) << EPOCH_BITS) | low(epoch, EPOCH_BITS);
}

function low(value: number, bits: bigint): bigint {
  return BigInt.asUintN(Number(bits), BigInt(value));
}

export function sameEpoch(a: EpochName, b: EpochName): boolean {
  return a.generation === b.generation && a.epoch === b.epoch;
}
