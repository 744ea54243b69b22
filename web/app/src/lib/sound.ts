/** Soft sounds, made on the spot: nothing to download, and nothing that startles. */

let context: AudioContext | null = null;

/** Browsers let a page sound only after somebody has touched it: call this from a press. */
export function prepareSound(): void {
  try {
    context ??= new AudioContext();
    void context.resume();
  } catch {
    // No sound device; the signs on the screen remain.
  }
}

interface Note {
  readonly hertz: number;
  /** Seconds after the beginning. */
  readonly at: number;
}

const ADMITTED: readonly Note[] = [
  { hertz: 523.25, at: 0 },
  { hertz: 659.25, at: 0.22 },
  { hertz: 783.99, at: 0.44 },
];
const ARRIVAL: readonly Note[] = [
  { hertz: 659.25, at: 0 },
  { hertz: 880, at: 0.16 },
];

const LOUDNESS = 0.14;
const RISE = 0.03;
const FADE = 0.9;

/** One bell-like note: a quick soft rise and a long fall. */
function strike(audio: AudioContext, note: Note): void {
  const start = audio.currentTime + note.at;
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS, start + RISE);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + FADE);
  gain.connect(audio.destination);
  const tone = new OscillatorNode(audio, { frequency: note.hertz });
  tone.connect(gain);
  tone.start(start);
  tone.stop(start + FADE);
}

function play(notes: readonly Note[]): void {
  if (!context || context.state !== 'running') return;
  for (const note of notes) strike(context, note);
}

/** The patient is admitted. */
export const soundAdmitted = () => play(ADMITTED);
/** Somebody has entered the waiting room. */
export const soundArrival = () => play(ARRIVAL);

/** A short buzz, where the device can. */
export function vibrate(): void {
  navigator.vibrate?.([180, 90, 180]);
}
