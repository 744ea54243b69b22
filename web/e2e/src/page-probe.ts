/**
 * The half of the probe that runs inside a page. It is sent there as text, so it may name nothing
 * outside of itself.
 */

export interface Layout {
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly columns: number;
  readonly rows: number;
  readonly block: number;
  readonly left: number;
  readonly top: number;
}

/** One frame that a visible video element displayed, or was given ({@link ProbeOptions.each}). */
export interface DisplayedFrame {
  /** `0` and `1` for black and white blocks; empty when some block is neither. */
  readonly blocks: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The decoded size, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** How loud each of the tones was in a tenth of a second that an element played. */
export interface PlayedSound {
  readonly at: number;
  /** Amplitude of each tone, 0 to 1, in the order asked for. */
  readonly levels: readonly number[];
}

export interface ProbeOptions {
  readonly layout: Layout;
  readonly tones: readonly number[];
  /**
   * Frames are read as they are decoded (Chromium). Else as they are displayed, which a page is not called for each time:
   * Chromium draws a page with two pictures less often than they have frames.
   */
  readonly each: boolean;
  /** The functions that the page calls with what it displayed and played. */
  readonly onFrames: string;
  readonly onSounds: string;
}

/** Watches every media element of the page, now and later. */
export function watchPage({ layout, tones, each, onFrames, onSounds }: ProbeOptions): void {
  const SCAN_MS = 100;
  const PIXELS_PER_BLOCK = 4;
  /** Most of a tenth of a second, at 48 kHz as at 44.1. */
  const SAMPLES_HEARD = 4096;
  const DARK = 90;
  const BRIGHT = 165;
  const frames: DisplayedFrame[] = [];
  const sounds: PlayedSound[] = [];
  const canvas = new OffscreenCanvas(
    layout.columns * PIXELS_PER_BLOCK,
    layout.rows * PIXELS_PER_BLOCK,
  );
  let ears: AudioContext | null = null;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const now = () => performance.timeOrigin + performance.now();

  /** Copies the blocks of a frame to the canvas. A frame of another shape was cut at its middle. */
  function copyBlocks(source: HTMLVideoElement | VideoFrame, width: number, height: number): void {
    const scale = Math.max(width / layout.frameWidth, height / layout.frameHeight);
    const cutLeft = (layout.frameWidth * scale - width) / 2;
    const cutTop = (layout.frameHeight * scale - height) / 2;
    if (!context) return;
    context.imageSmoothingQuality = 'medium';
    context.drawImage(
      source,
      layout.left * scale - cutLeft,
      layout.top * scale - cutTop,
      layout.columns * layout.block * scale,
      layout.rows * layout.block * scale,
      0,
      0,
      canvas.width,
      canvas.height,
    );
  }

  /** The mean brightness of the middle of one block: its edges blur when a picture is scaled. */
  function brightness(pixels: Uint8ClampedArray, column: number, row: number): number {
    let sum = 0;
    for (const y of [1, 2]) {
      for (const x of [1, 2]) {
        const pixel = (row * PIXELS_PER_BLOCK + y) * canvas.width + column * PIXELS_PER_BLOCK + x;
        const at = pixel * 4;
        sum += (pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0);
      }
    }
    return sum / 12;
  }

  function readBlocks(
    source: HTMLVideoElement | VideoFrame,
    width: number,
    height: number,
  ): string {
    copyBlocks(source, width, height);
    const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data;
    if (!pixels) return '';
    let blocks = '';
    for (let row = 0; row < layout.rows; row += 1) {
      for (let column = 0; column < layout.columns; column += 1) {
        const value = brightness(pixels, column, row);
        if (value > DARK && value < BRIGHT) return '';
        blocks += value >= BRIGHT ? '1' : '0';
      }
    }
    return blocks;
  }

  function isShown(element: Element): boolean {
    const box = element.getBoundingClientRect();
    return (
      box.width >= 16 &&
      box.height >= 16 &&
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    );
  }

  function watchVideo(video: HTMLVideoElement): void {
    video.requestVideoFrameCallback(() => {
      if (isShown(video)) {
        const { videoWidth: width, videoHeight: height } = video;
        frames.push({ blocks: readBlocks(video, width, height), at: now(), width, height });
      }
      watchVideo(video);
    });
  }

  /** Reads the frames of a track as long as an element has it. */
  async function readEach(video: HTMLVideoElement, track: MediaStreamTrack): Promise<void> {
    const reader = new MediaStreamTrackProcessor<VideoFrame>({ track }).readable.getReader();
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done) return;
      const { displayWidth: width, displayHeight: height } = frame;
      if (isShown(video)) {
        frames.push({ blocks: readBlocks(frame, width, height), at: now(), width, height });
      }
      frame.close();
      const has =
        video.srcObject instanceof MediaStream && video.srcObject.getTracks().includes(track);
      if (has && video.isConnected) continue;
      read.get(video)?.delete(track);
      await reader.cancel();
      return;
    }
  }

  /** The amplitude of one tone among the samples (Goertzel's algorithm). */
  function amplitude(samples: Float32Array, tone: number, rate: number): number {
    const coefficient = 2 * Math.cos((2 * Math.PI * tone) / rate);
    let [last, beforeLast] = [0, 0];
    for (const sample of samples) {
      [last, beforeLast] = [sample + coefficient * last - beforeLast, last];
    }
    const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
    return (2 * Math.sqrt(Math.max(power, 0))) / samples.length;
  }

  function isPlaying(element: HTMLMediaElement): boolean {
    return !element.paused && !element.muted && element.volume > 0;
  }

  function measure(element: HTMLMediaElement, block: Float32Array, rate: number): void {
    if (!isPlaying(element)) return;
    sounds.push({ at: now(), levels: tones.map((tone) => amplitude(block, tone, rate)) });
  }

  /** Cuts a track's sound into tenths of a second and measures those that the element plays. */
  async function listen(element: HTMLMediaElement, track: MediaStreamTrack): Promise<void> {
    const reader = new MediaStreamTrackProcessor<AudioData>({ track }).readable.getReader();
    let block = new Float32Array(0);
    let filled = 0;
    for (;;) {
      const { value: data, done } = await reader.read();
      if (done) return;
      const rate = data.sampleRate;
      if (block.length !== rate / 10) [block, filled] = [new Float32Array(rate / 10), 0];
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      data.close();
      const taken = samples.subarray(0, block.length - filled);
      block.set(taken, filled);
      filled += taken.length;
      if (filled < block.length) continue;
      filled = 0;
      measure(element, block, rate);
    }
  }

  /** The same for a browser that hands no sound out: the last samples of each tenth of a second. */
  function listenIn(element: HTMLMediaElement, track: MediaStreamTrack): void {
    ears ??= new AudioContext();
    const analyser = new AnalyserNode(ears, { fftSize: SAMPLES_HEARD });
    const source = ears.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    void ears.resume();
    const block = new Float32Array(SAMPLES_HEARD);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(block);
      measure(element, block, analyser.context.sampleRate);
    }, SCAN_MS);
    track.addEventListener('ended', () => {
      clearInterval(timer);
      source.disconnect();
    });
  }

  const watched = new WeakSet<HTMLVideoElement>();
  const read = new WeakMap<HTMLVideoElement, Set<MediaStreamTrack>>();
  const heard = new WeakMap<HTMLMediaElement, Set<MediaStreamTrack>>();

  function watchTracks(video: HTMLVideoElement): void {
    const tracks = read.get(video) ?? new Set();
    read.set(video, tracks);
    if (!(video.srcObject instanceof MediaStream)) return;
    for (const track of video.srcObject.getVideoTracks()) {
      if (tracks.has(track) || track.readyState === 'ended') continue;
      tracks.add(track);
      void readEach(video, track);
    }
  }

  function scan(element: HTMLMediaElement): void {
    if (element instanceof HTMLVideoElement) {
      if (each) watchTracks(element);
      else if (!watched.has(element)) {
        watched.add(element);
        watchVideo(element);
      }
    }
    const tracks = heard.get(element) ?? new Set();
    heard.set(element, tracks);
    const stream = element.srcObject;
    if (!(stream instanceof MediaStream)) return;
    for (const track of stream.getAudioTracks()) {
      if (tracks.has(track) || !isPlaying(element)) continue;
      tracks.add(track);
      if ('MediaStreamTrackProcessor' in globalThis) void listen(element, track);
      else listenIn(element, track);
    }
  }

  type Report = (batch: unknown[]) => void;
  function send(name: string, batch: unknown[]): void {
    const report = (globalThis as unknown as Record<string, Report | undefined>)[name];
    if (batch.length > 0 && report) report(batch.splice(0));
  }

  setInterval(() => {
    document.querySelectorAll<HTMLMediaElement>('video, audio').forEach(scan);
    send(onFrames, frames);
    send(onSounds, sounds);
  }, SCAN_MS);
}
