/** The media sections of an offer, in the order that is agreed with the SFU. */

import type { Source } from '../wire.ts';
import { LAYERS } from './layers.ts';
import { MICROPHONE_BITRATE, OTHERS, SCREEN_BITRATE } from './limits.ts';

export type Section =
  | {
      readonly kind: 'audio' | 'video';
      readonly sends: Source;
      readonly encodings: readonly RTCRtpEncodingParameters[];
      /** What is given up first when network or machine are too slow; nothing of sound. */
      readonly degradation: RTCDegradationPreference | null;
    }
  | { readonly kind: 'audio' | 'video'; readonly sends: null };

const RECEIVES: readonly Section[] = [
  { kind: 'audio', sends: null },
  { kind: 'video', sends: null },
];

/** Fewer pixels and fewer frames by turns. */
export const CAMERA_DEGRADATION: RTCDegradationPreference = 'balanced';

/** Sound goes before picture when the network is narrow. */
const SENDS: readonly Section[] = [
  {
    kind: 'audio',
    sends: 'microphone',
    encodings: [{ maxBitrate: MICROPHONE_BITRATE, priority: 'high', networkPriority: 'high' }],
    degradation: null,
  },
  {
    kind: 'video',
    sends: 'camera',
    encodings: LAYERS,
    degradation: CAMERA_DEGRADATION,
  },
  {
    kind: 'video',
    sends: 'screen',
    encodings: [{ maxBitrate: SCREEN_BITRATE }],
    degradation: 'maintain-resolution',
  },
];

/** What we send, sound and picture of each of four others, and one screen. */
export const SECTIONS: readonly Section[] = [
  ...SENDS,
  ...Array.from({ length: OTHERS }, () => RECEIVES).flat(),
  { kind: 'video', sends: null },
];

/** The codecs that go through the encryption (VP8 and Opus) before all others. */
export function preferredCodecs(kind: 'audio' | 'video'): RTCRtpCodec[] {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  return [...all.filter(isOurs), ...all.filter((codec) => !isOurs(codec))];
}

/** Only what a call needs, for a browser with so many codecs that its offer would be too large. */
export function fewestCodecs(kind: 'audio' | 'video'): RTCRtpCodec[] {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const beside = ['video/rtx', 'audio/red'];
  return all.filter((codec) => isOurs(codec) || beside.includes(codec.mimeType));
}

function isOurs({ mimeType }: RTCRtpCodec): boolean {
  return mimeType === 'audio/opus' || mimeType === 'video/VP8';
}
