/** What the browser's counters (webrtc-stats) say of the line that a connection goes over. */

import type { PictureCounts } from './playout.ts';
import type { SoundCounts } from './redundancy.ts';

export interface Line {
  /** What it takes, in bits per second; null where the browser does not say. */
  readonly estimate: number | null;
  /** The machine is too slow for the picture that is sent. */
  readonly slow: boolean;
  /** Null before the first report on it. */
  readonly sound: SoundCounts | null;
  /** What came of each picture, by the `mid` of its section. */
  readonly pictures: ReadonlyMap<string, PictureCounts>;
}

/** What is reported by who receives a stream; no library of types has it. */
interface RemoteInbound {
  readonly kind: string;
  readonly packetsLost?: number;
}

export function readLine(report: RTCStatsReport): Line {
  let estimate: number | null = null;
  let slow = false;
  let sent: number | null = null;
  let lost: number | null = null;
  const pictures = new Map<string, PictureCounts>();
  for (const entry of report.values() as IterableIterator<RTCStats>) {
    if (entry.type === 'candidate-pair') {
      estimate = (entry as RTCIceCandidatePairStats).availableOutgoingBitrate ?? estimate;
    } else if (entry.type === 'outbound-rtp') {
      const stream = entry as RTCOutboundRtpStreamStats;
      if (stream.kind === 'audio') sent = stream.packetsSent ?? null;
      slow ||= stream.qualityLimitationReason === 'cpu';
    } else if (entry.type === 'remote-inbound-rtp') {
      const stream = entry as RTCStats & RemoteInbound;
      if (stream.kind === 'audio') lost = stream.packetsLost ?? null;
    } else if (entry.type === 'inbound-rtp') {
      const stream = entry as RTCInboundRtpStreamStats;
      if (stream.kind === 'video' && stream.mid) pictures.set(stream.mid, readPicture(stream));
    }
  }
  const sound = sent === null || lost === null ? null : { sent, lost };
  return { estimate, slow, sound, pictures };
}

function readPicture(stream: RTCInboundRtpStreamStats): PictureCounts {
  return {
    packets: stream.packetsReceived ?? 0,
    asked: stream.nackCount ?? 0,
    decoded: stream.framesDecoded ?? 0,
    dropped: stream.framesDropped ?? 0,
  };
}
