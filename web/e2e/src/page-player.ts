/**
 * Plays encoded frames in a page, with the browser's own decoders. It is sent there as text, so it may name
 * nothing outside of itself.
 */

export interface PlayedFrame {
  readonly source: 'microphone' | 'camera' | 'screen';
  /** In ticks of RTP: 90,000 a second for pictures, 48,000 for sound. */
  readonly timestamp: number;
  /** In base64. */
  readonly data: string;
}

export interface Player {
  take(frame: PlayedFrame): void;
}

/** Makes `window.__player`, and an element that it plays in. */
export function playFrames(): void {
  const video = new MediaStreamTrackGenerator<VideoFrame>({ kind: 'video' });
  const audio = new MediaStreamTrackGenerator<AudioData>({ kind: 'audio' });
  const pictures = video.writable.getWriter();
  const sounds = audio.writable.getWriter();
  const element = document.createElement('video');
  element.srcObject = new MediaStream([video, audio]);
  element.style.width = '640px';
  document.body.append(element);
  document.addEventListener('click', () => void element.play());

  /** What cannot be decoded is not shown; that is what a test then sees. */
  const decoders = {
    camera: () =>
      new VideoDecoder({ output: (frame) => void pictures.write(frame), error: () => restart() }),
    sound: () =>
      new AudioDecoder({ output: (data) => void sounds.write(data), error: () => restart() }),
  };
  let camera = decoders.camera();
  let sound = decoders.sound();
  function restart(): void {
    camera = decoders.camera();
    sound = decoders.sound();
    camera.configure({ codec: 'vp8' });
    sound.configure({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 });
    begun = false;
  }
  /** A whole picture came: the decoder takes nothing before it. */
  let begun = false;
  restart();

  const player: Player = {
    take({ source, timestamp, data }) {
      const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
      if (source === 'microphone') {
        const at = (timestamp * 1000) / 48;
        sound.decode(new EncodedAudioChunk({ type: 'key', timestamp: at, data: bytes }));
        return;
      }
      const whole = ((bytes[0] ?? 1) & 1) === 0;
      begun ||= whole;
      if (!begun) return;
      const type = whole ? 'key' : 'delta';
      const at = (timestamp * 1000) / 90;
      camera.decode(new EncodedVideoChunk({ type, timestamp: at, data: bytes }));
    },
  };
  (globalThis as unknown as { __player: Player }).__player = player;
}
