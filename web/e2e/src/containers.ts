/** Files around encoded frames: IVF for VP8, Ogg for Opus (RFC 3533, RFC 7845). */

export interface VideoShape {
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly rate: number;
}

/** VP8 frames in an IVF file. */
export function ivf(frames: readonly Uint8Array[], { width, height, rate }: VideoShape): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF', 0);
  header.writeUInt16LE(32, 6);
  header.write('VP80', 8);
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(rate, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const entries = frames.flatMap((frame, index) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(frame.length, 0);
    head.writeBigUInt64LE(BigInt(index), 4);
    return [head, frame];
  });
  return Buffer.concat([header, ...entries]);
}

const STREAM = 1;
const SAMPLES_PER_PACKET = 960;
const FIRST_PAGE = 2;
const LAST_PAGE = 4;
/** Samples that a decoder drops at the beginning. */
const PRE_SKIP = 312;
/** A page has 255 segments at most; fifty packets of 20 ms fit in any case. */
const PACKETS_PER_PAGE = 50;

/** Mono Opus packets of 20 ms in an Ogg file. */
export function oggOpus(packets: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0);
  head.writeUInt8(1, 8);
  head.writeUInt8(1, 9);
  head.writeUInt16LE(PRE_SKIP, 10);
  head.writeUInt32LE(48_000, 12);
  const tags = Buffer.alloc(8 + 4 + 9 + 4);
  tags.write('OpusTags', 0);
  tags.writeUInt32LE(9, 8);
  tags.write('Vestibule', 12);
  const pages = [page(0, FIRST_PAGE, 0n, [head]), page(1, 0, 0n, [tags])];
  for (let first = 0; first < packets.length; first += PACKETS_PER_PAGE) {
    const held = packets.slice(first, first + PACKETS_PER_PAGE);
    const end = first + held.length;
    const kind = end === packets.length ? LAST_PAGE : 0;
    pages.push(page(pages.length, kind, BigInt(end * SAMPLES_PER_PACKET), held));
  }
  return Buffer.concat(pages);
}

function page(number: number, kind: number, position: bigint, packets: readonly Uint8Array[]) {
  const segments = packets.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ]);
  const header = Buffer.alloc(27);
  header.write('OggS', 0);
  header.writeUInt8(kind, 5);
  header.writeBigInt64LE(position, 6);
  header.writeUInt32LE(STREAM, 14);
  header.writeUInt32LE(number, 18);
  header.writeUInt8(segments.length, 26);
  const whole = Buffer.concat([header, Buffer.from(segments), ...packets]);
  whole.writeUInt32LE(checksum(whole), 22);
  return whole;
}

/** The CRC of RFC 3533 section 6: polynomial 0x04c11db7, nothing reflected. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000_0000) === 0 ? crc << 1 : (crc << 1) ^ 0x04c1_1db7;
    }
  }
  return crc >>> 0;
}
