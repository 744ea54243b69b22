/** What a page received, by its browser's own counters. */
import type { Participant } from './browser.ts';

/** The browser's own counters of what it received (webrtc-stats, `inbound-rtp`). */
export interface Received {
  /** Samples that were made up: at first from the sound before, and where nothing comes for long as silence. */
  readonly concealed: number;
  /** Those among them that are silence. */
  readonly silent: number;
  readonly samples: number;
  /** Frames of pictures. */
  readonly decoded: number;
  readonly freezes: number;
  readonly frozenSeconds: number;
  readonly videoBytes: number;
  readonly nacks: number;
  readonly keyFrameRequests: number;
  readonly packets: number;
}

export async function received({ page }: Participant): Promise<Received> {
  return page.evaluate(async () => {
    const sum = {
      ...{ concealed: 0, silent: 0, samples: 0, freezes: 0, frozenSeconds: 0, videoBytes: 0 },
      ...{ decoded: 0, nacks: 0, keyFrameRequests: 0, packets: 0 },
    };
    for (const connection of __held.connections) {
      for (const entry of (await connection.getStats()).values()) {
        const stats = entry as RTCInboundRtpStreamStats;
        if (stats.type !== 'inbound-rtp') continue;
        sum.packets += stats.packetsReceived ?? 0;
        sum.concealed += stats.concealedSamples ?? 0;
        sum.silent += stats.silentConcealedSamples ?? 0;
        sum.samples += stats.totalSamplesReceived ?? 0;
        sum.decoded += stats.framesDecoded ?? 0;
        sum.freezes += stats.freezeCount ?? 0;
        sum.frozenSeconds += stats.totalFreezesDuration ?? 0;
        sum.nacks += stats.nackCount ?? 0;
        sum.keyFrameRequests += stats.pliCount ?? 0;
        if (stats.kind === 'video') sum.videoBytes += stats.bytesReceived ?? 0;
      }
    }
    return sum;
  });
}
