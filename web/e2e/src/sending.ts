/** What a page sends, by its browser's own counters (webrtc-stats, `outbound-rtp`). */
import { setTimeout as delay } from 'node:timers/promises';
import type { Participant } from './browser.ts';
import { MEDIA_MS, RECOVERY_MS } from './limits.ts';

export interface Sent {
  readonly kind: string;
  readonly rid: string | null;
  readonly packets: number;
  readonly frames: number;
  /** MIME type of the codec. */
  readonly codec: string;
}

/** How often the counters are looked at. */
const LOOK_MS = 250;

/** Everything that the page's newest connection has sent so far, stream by stream. */
export async function sentBy({ page }: Participant): Promise<Sent[]> {
  return page.evaluate(async () => {
    const report = await __held.connections.at(-1)?.getStats();
    const sent: Sent[] = [];
    for (const entry of report?.values() ?? []) {
      const stats = entry as RTCOutboundRtpStreamStats & { codecId?: string };
      if (stats.type !== 'outbound-rtp') continue;
      const codec = report?.get(stats.codecId ?? '') as { mimeType?: string } | undefined;
      sent.push({
        kind: stats.kind,
        rid: stats.rid ?? null,
        packets: stats.packetsSent ?? 0,
        frames: stats.framesSent ?? 0,
        codec: codec?.mimeType ?? '',
      });
    }
    return sent;
  });
}

/** The RIDs of the layers that moved on between two looks. */
export function moving(before: readonly Sent[], after: readonly Sent[]): string[] {
  const moved = after.filter(({ rid, frames }) => {
    const earlier = before.find((it) => it.rid === rid);
    return rid !== null && frames > (earlier?.frames ?? 0);
  });
  return moved.map(({ rid }) => rid ?? '').sort();
}

/** Resolves when the page sends these layers of its camera and no others, between one look and the next. */
export async function sendsLayers(participant: Participant, wanted: string[]): Promise<void> {
  const end = Date.now() + MEDIA_MS;
  let before = await sentBy(participant);
  for (;;) {
    await delay(4 * LOOK_MS);
    const after = await sentBy(participant);
    const moved = moving(before, after);
    if (moved.join() === wanted.join()) return;
    if (Date.now() > end) throw new Error(`sends ${moved.join()}, not ${wanted.join()}`);
    before = after;
  }
}

/** Resolves when the page sends so few packets of sound in a second; else throws. */
export async function sendsFewPacketsOfSound(participant: Participant, few: number): Promise<void> {
  const end = Date.now() + MEDIA_MS;
  for (;;) {
    const before = await packetsOfSound(participant);
    await delay(1_000);
    const sent = (await packetsOfSound(participant)) - before;
    if (sent <= few) return;
    if (Date.now() > end) throw new Error(`sends ${sent} packets of sound in a second`);
  }
}

/** Resolves when the page sends its sound with redundancy (RED): a browser sends by the first codec. */
export async function sendsRedundancy(participant: Participant): Promise<void> {
  if (!(await resortsToRedundancy(participant, Infinity))) throw new Error('sends no redundancy');
}

/**
 * Resolves with false when the page has heard that so many packets of its sound were lost, and with true as soon as it
 * sends with redundancy: where that reaches nobody, nobody reports a loss, and it ends again.
 */
export async function resortsToRedundancy(
  participant: Participant,
  lost: number,
): Promise<boolean> {
  const end = Date.now() + RECOVERY_MS;
  for (;;) {
    const sound = await sentSound(participant);
    if (sound.redundant || sound.lost >= lost) return sound.redundant;
    if (Date.now() > end) throw new Error(`heard of only ${sound.lost} packets lost`);
    await delay(LOOK_MS);
  }
}

/** Whether the page's sound is sent with redundancy, and how many packets of it are lost, as the page has heard. */
async function sentSound({ page }: Participant): Promise<{ redundant: boolean; lost: number }> {
  return page.evaluate(async () => {
    const connection = __held.connections.at(-1);
    const sound = connection?.getSenders().find(({ track }) => track?.kind === 'audio');
    const redundant = sound?.getParameters().codecs[0]?.mimeType === 'audio/red';
    let lost = 0;
    for (const entry of (await connection?.getStats())?.values() ?? []) {
      const stream = entry as { type: string; kind?: string; packetsLost?: number };
      if (stream.type === 'remote-inbound-rtp' && stream.kind === 'audio') {
        lost = stream.packetsLost ?? 0;
      }
    }
    return { redundant, lost };
  });
}

/** Puts the page out of sight, or in front again, as by another tab: a browser without a screen shows all of them. */
export async function putInFront({ page }: Participant, front: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    front ? 'visible' : 'hidden',
  );
}

async function packetsOfSound(participant: Participant): Promise<number> {
  const sound = (await sentBy(participant)).filter(({ kind }) => kind === 'audio');
  return sound.reduce((sum, { packets }) => sum + packets, 0);
}

/** Has the page's encoder send these layers from now on, as if the machine could make no others. */
export async function forceLayers({ page }: Participant, layers: readonly string[]): Promise<void> {
  await page.evaluate(async (wanted) => {
    const { prototype } = RTCRtpSender;
    const held = prototype as unknown as { own?: RTCRtpSender['setParameters'] };
    const own = (held.own ??= prototype.setParameters);
    // The page chooses anew now and then, and can have no others then either.
    prototype.setParameters = function (parameters) {
      if (parameters.encodings.length > 1) {
        for (const encoding of parameters.encodings) {
          encoding.active = wanted.includes(encoding.rid ?? '');
        }
      }
      return own.call(this, parameters);
    };
    const senders = __held.connections.at(-1)?.getSenders() ?? [];
    for (const sender of senders) await sender.setParameters(sender.getParameters());
  }, layers);
}
