/** What the tapped SFU wrote down: RTP packets with SRTP off, and the frames that they carry. */
import { readFileSync } from 'node:fs';

export interface TappedPacket {
  readonly direction: 'received' | 'sent';
  readonly medium: 'sound' | 'picture';
  readonly stream: string;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** The RTP payload, in base64. */
  readonly payload: string;
}

/** One encoded frame of a stream, as an SFU that wanted to look would put it together. */
export interface TappedFrame {
  readonly stream: string;
  readonly direction: TappedPacket['direction'];
  readonly medium: TappedPacket['medium'];
  readonly timestamp: number;
  readonly data: Buffer;
}

/** The packets in the file, in the order in which the SFU handled them. */
export function readPackets(path: string): TappedPacket[] {
  // The last line may be half written.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as TappedPacket);
}

/** The whole frames that the packets carry. A picture of which a packet is missing is left out. */
export function frames(packets: readonly TappedPacket[]): TappedFrame[] {
  const byStream = new Map<string, TappedPacket[]>();
  for (const packet of packets) {
    const name = `${packet.direction} ${packet.stream}`;
    byStream.set(name, [...(byStream.get(name) ?? []), packet]);
  }
  return [...byStream.values()].flatMap((ofStream) => {
    const ordered = inOrder(ofStream);
    return ordered[0]?.medium === 'picture' ? pictures(ordered) : ordered.map(sound);
  });
}

/** By sequence number, each once: what was retransmitted may come twice. */
function inOrder(packets: readonly TappedPacket[]): TappedPacket[] {
  const bySequence = new Map(packets.map((packet) => [packet.sequence, packet]));
  return [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
}

/** An Opus packet is a frame (RFC 7587 section 4.2). */
function sound(packet: TappedPacket): TappedFrame {
  return frame(packet, Buffer.from(packet.payload, 'base64'));
}

function pictures(packets: readonly TappedPacket[]): TappedFrame[] {
  const found: TappedFrame[] = [];
  let parts: Buffer[] | null = null;
  let next = -1;
  for (const packet of packets) {
    const payload = Buffer.from(packet.payload, 'base64');
    const { start, length } = descriptor(payload);
    if (start) parts = [];
    else if (packet.sequence !== next) parts = null;
    next = packet.sequence + 1;
    parts?.push(payload.subarray(length));
    if (packet.marker && parts) found.push(frame(packet, Buffer.concat(parts)));
    if (packet.marker) parts = null;
  }
  return found;
}

function frame({ stream, direction, medium, timestamp }: TappedPacket, data: Buffer): TappedFrame {
  return { stream, direction, medium, timestamp, data };
}

/** The VP8 payload descriptor (RFC 7741 section 4.2): how long it is, and whether a frame begins. */
function descriptor(payload: Buffer): { start: boolean; length: number } {
  const [first = 0, extensions = 0, pictureId = 0] = payload;
  const start = (first & 0x10) !== 0 && (first & 0x07) === 0;
  if ((first & 0x80) === 0) return { start, length: 1 };
  const has = (bit: number) => (extensions & bit) !== 0;
  const ofPictureId = has(0x80) ? ((pictureId & 0x80) !== 0 ? 2 : 1) : 0;
  const length = 2 + ofPictureId + (has(0x40) ? 1 : 0) + (has(0x20) || has(0x10) ? 1 : 0);
  return { start, length };
}
