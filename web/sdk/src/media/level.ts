/** How loud the microphone is, from 0 to 1, cheap enough for every animation frame. */

const SAMPLES = 1024;
/** Softer than this is silence: the hum of a quiet place. */
const SILENCE_DB = -60;

export class LevelMeter {
  readonly #context = new AudioContext();
  readonly #analyser = this.#context.createAnalyser();
  readonly #samples = new Float32Array(SAMPLES);
  #source: MediaStreamAudioSourceNode | null = null;

  constructor() {
    this.#analyser.fftSize = SAMPLES;
  }

  /** Listens to this track, or to none. */
  listen(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = null;
    if (track === null) return;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
    // A page that nobody has touched yet may not use sound: then the level stays 0.
    this.#context.resume().catch(() => undefined);
  }

  get level(): number {
    if (this.#source === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / SAMPLES);
    return Math.min(1, Math.max(0, 1 - decibels / SILENCE_DB));
  }

  close(): void {
    this.listen(null);
    this.#context.close().catch(() => undefined);
  }
}
