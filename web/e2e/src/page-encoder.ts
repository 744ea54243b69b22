/**
 * Encodes pictures and sound inside a page, with the browser's own encoders. It is sent there as text, so
 * it may name nothing outside of itself.
 */

export interface EncoderOptions {
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly bitrate: number;
}

export interface PageEncoder {
  /** Takes one I420 picture, in base64. */
  picture(data: string, index: number, whole: boolean): Promise<void>;
  /** Takes the whole sound, mono samples of 16 bits in base64; gives the packets. */
  sound(samples: string): Promise<string[]>;
  /** The frames of all pictures. */
  frames(): Promise<string[]>;
}

/** Makes `window.__encoder`. */
export function makeEncoder({ width, height, rate, bitrate }: EncoderOptions): void {
  const SOUND_RATE = 48_000;
  const encoded: string[] = [];

  function text(chunk: EncodedVideoChunk | EncodedAudioChunk): string {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  }

  const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const fail = (error: unknown) => {
    throw error;
  };

  const video = new VideoEncoder({ output: (chunk) => encoded.push(text(chunk)), error: fail });
  video.configure({ codec: 'vp8', width, height, bitrate, framerate: rate });

  const encoder: PageEncoder = {
    async picture(data, index, whole) {
      const timestamp = (index * 1_000_000) / rate;
      const shape = { format: 'I420', codedWidth: width, codedHeight: height, timestamp } as const;
      const frame = new VideoFrame(bytesOf(data), shape);
      video.encode(frame, { keyFrame: whole });
      frame.close();
      await video.flush();
    },
    async frames() {
      await video.flush();
      return encoded;
    },
    async sound(samples) {
      const packets: string[] = [];
      const audio = new AudioEncoder({ output: (chunk) => packets.push(text(chunk)), error: fail });
      const shape = { sampleRate: SOUND_RATE, numberOfChannels: 1 };
      audio.configure({ codec: 'opus', bitrate: 24_000, ...shape });
      const data = bytesOf(samples);
      const numberOfFrames = data.length / 2;
      audio.encode(new AudioData({ format: 's16', numberOfFrames, timestamp: 0, data, ...shape }));
      await audio.flush();
      return packets;
    },
  };
  (globalThis as unknown as { __encoder: PageEncoder }).__encoder = encoder;
}
