/** The camera's layers: one picture in several sizes, of which those are sent that somebody gets. */

import { CAMERA_LAYERS, PICTURE } from './limits.ts';

const TOP = 2;
const WHOLE = CAMERA_LAYERS[TOP];

/** Until the SFU says what is wanted, the whole picture is: two people alone need no other. */
export const FIRST_LAYERS: readonly number[] = [TOP];

/** As a browser is told of them when the transceiver is made. */
export const LAYERS: readonly RTCRtpEncodingParameters[] = CAMERA_LAYERS.map((layer, index) => ({
  ...layer,
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

/** Sends these layers and no others. An answer that takes no layers leaves one encoding, the smallest. */
export function activate(encodings: RTCRtpEncodingParameters[], layers: readonly number[]): void {
  const [only] = encodings;
  if (encodings.length === 1 && only !== undefined) {
    const { scaleResolutionDownBy, maxBitrate } = WHOLE;
    Object.assign(only, { scaleResolutionDownBy, maxBitrate, active: layers.length > 0 });
    return;
  }
  for (const [index, encoding] of encodings.entries()) encoding.active = layers.includes(index);
}
