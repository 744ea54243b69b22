/**
 * A camera and a microphone made inside the page, for a browser that cannot take them from files. It
 * runs inside the page, where it is sent as text, so it may name nothing outside of itself.
 */
import type { Layout } from '../page-probe.ts';

export interface FakeDevices {
  readonly frame: { readonly width: number; readonly height: number; readonly rate: number };
  readonly layout: Layout;
  /** The blocks of each frame; after the last the first comes again. */
  readonly codes: readonly string[];
  /** Colours: the wall from top to bottom, the person, and the two of the blocks. */
  readonly wall: readonly string[];
  readonly person: string;
  readonly dark: string;
  readonly bright: string;
  /** The voice's pitch in Hz, and the length of its syllables in seconds. */
  readonly tone: number;
  readonly syllable: number;
}

/**
 * The browser's own made-up devices are opened beside, so that it judges the constraints, lists what
 * there is, and counts the page as one that captures: then it may play sound, as with real devices.
 */
export function makeDevices(
  options: FakeDevices,
  voice: (tone: number, second: number, syllable: number) => number,
): void {
  const { frame, layout, codes, tone, syllable } = options;
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  const open = devices.getUserMedia.bind(devices);
  let counter = 0;

  function disc(context: CanvasRenderingContext2D, y: number, rx: number, ry: number): void {
    context.beginPath();
    context.ellipse(frame.width / 2, y, rx, ry, 0, 0, 2 * Math.PI);
    context.fill();
  }

  /** Backdrop, a head and shoulders, and a bright border for the code. */
  function paintStill(context: CanvasRenderingContext2D): void {
    const light = context.createLinearGradient(0, 0, 0, frame.height);
    options.wall.forEach((colour, index) => light.addColorStop(index, colour));
    context.fillStyle = light;
    context.fillRect(0, 0, frame.width, frame.height);
    context.fillStyle = options.person;
    disc(context, 128, 66, 84);
    disc(context, 345, 180, 150);
    const { left, top, block, columns, rows } = layout;
    context.fillStyle = options.bright;
    context.fillRect(left - 8, top - 8, columns * block + 16, rows * block + 16);
  }

  function paintCode(context: CanvasRenderingContext2D): void {
    const { left, top, block, columns } = layout;
    counter = (counter + 1) % codes.length;
    [...(codes[counter] ?? '')].forEach((bit, index) => {
      const [column, row] = [index % columns, Math.floor(index / columns)];
      context.fillStyle = bit === '1' ? options.bright : options.dark;
      context.fillRect(left + column * block, top + row * block, block, block);
    });
  }

  interface Made {
    readonly stream: MediaStream;
    end(): void;
  }

  function camera(): Made {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [frame.width, frame.height];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas for the camera');
    paintStill(context);
    paintCode(context);
    const stream = canvas.captureStream(frame.rate);
    const timer = setInterval(() => paintCode(context), 1000 / frame.rate);
    return { stream, end: () => clearInterval(timer) };
  }

  function microphone(): Made {
    const context = new AudioContext({ sampleRate: 48_000 });
    const buffer = context.createBuffer(1, syllable * context.sampleRate, context.sampleRate);
    const sample = (_: number, index: number) => voice(tone, index / context.sampleRate, syllable);
    buffer.copyToChannel(buffer.getChannelData(0).map(sample), 0);
    const mouth = new AudioBufferSourceNode(context, { buffer, loop: true });
    const ear = context.createMediaStreamDestination();
    mouth.connect(ear);
    mouth.start();
    void context.resume();
    return { stream: ear.stream, end: () => void context.close() };
  }

  /** What is made, in the place of the browser's own track, with which it ends. */
  function standIn(own: MediaStreamTrack): MediaStreamTrack {
    const { stream, end } = own.kind === 'video' ? camera() : microphone();
    const [track] = stream.getTracks();
    if (!track) throw new Error(`no ${own.kind} was made`);
    const [stop, settings] = [track.stop.bind(track), track.getSettings.bind(track)];
    track.stop = () => {
      stop();
      own.stop();
      end();
    };
    const { deviceId = '' } = own.getSettings();
    track.getSettings = () => ({ ...settings(), deviceId });
    return track;
  }

  devices.getUserMedia = async (constraints) => {
    const own = await open(constraints);
    return new MediaStream(own.getTracks().map(standIn));
  };
}
