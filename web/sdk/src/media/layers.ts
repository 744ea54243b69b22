/** The camera's layers: one picture in several sizes, of which those are sent that somebody gets. */

import { BEGINNING_DOWN, CAMERA_LAYERS, PICTURE } from './limits.ts';

const TOP = 2;
const WHOLE = CAMERA_LAYERS[TOP];

/** Until the SFU says what is wanted, the whole picture is: two people alone need no other. */
export const FIRST_LAYERS: readonly number[] = [TOP];

/** How much less wide a layer is: the whole picture begins small, and is there sooner. */
function downBy(index: number, begins: boolean): number {
  const { scaleResolutionDownBy } = CAMERA_LAYERS[index] ?? WHOLE;
  return begins ? Math.max(scaleResolutionDownBy, BEGINNING_DOWN) : scaleResolutionDownBy;
}

/** As a browser is told of them when the transceiver is made. */
export const LAYERS: readonly RTCRtpEncodingParameters[] = CAMERA_LAYERS.map((layer, index) => ({
  ...layer,
  scaleResolutionDownBy: downBy(index, true),
  maxFramerate: PICTURE.frameRate,
  active: FIRST_LAYERS.includes(index),
}));

/** Where there is but one stream, it is the whole picture. */
export function withoutLayers(
  encodings: readonly RTCRtpEncodingParameters[],
): RTCRtpEncodingParameters {
  const { rid: _, ...whole } = encodings.at(-1) ?? {};
  return whole;
}

/**
 * Sends these layers and no others, small when the picture only `begins`. An answer that takes no layers leaves one
 * encoding, the smallest.
 */
export function activate(
  encodings: RTCRtpEncodingParameters[],
  layers: readonly number[],
  begins: boolean,
): void {
  const [only] = encodings;
  if (encodings.length === 1 && only !== undefined) {
    only.scaleResolutionDownBy = downBy(TOP, begins);
    only.maxBitrate = WHOLE.maxBitrate;
    only.active = layers.length > 0;
    return;
  }
  for (const [index, encoding] of encodings.entries()) {
    encoding.scaleResolutionDownBy = downBy(index, begins && isAlone(index, layers));
    encoding.active = layers.includes(index);
  }
}

/** Beside smaller layers one need not be small. */
function isAlone(index: number, layers: readonly number[]): boolean {
  return layers.every((layer) => layer >= index);
}
