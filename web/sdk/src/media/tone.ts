/** A short, soft tone on the chosen speaker. */

/** Two notes, a fourth apart, each with its beginning in seconds. */
const NOTES = [
  { hertz: 523.25, at: 0 },
  { hertz: 698.46, at: 0.25 },
] as const;
const NOTE_SECONDS = 0.6;
const LOUDNESS = 0.2;

/** Plays it to its end. An empty speaker is the system's own. */
export async function playTone(speaker: string): Promise<void> {
  const context = new AudioContext();
  try {
    if (speaker !== '' && 'setSinkId' in context && typeof context.setSinkId === 'function') {
      await context.setSinkId(speaker);
    }
    await context.resume();
    await Promise.all(NOTES.map(({ hertz, at }) => playNote(context, hertz, at)));
  } finally {
    await context.close();
  }
}

function playNote(context: AudioContext, hertz: number, at: number): Promise<void> {
  const start = context.currentTime + at;
  const volume = context.createGain();
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
  const note = context.createOscillator();
  note.frequency.value = hertz;
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(start + NOTE_SECONDS);
  return new Promise((resolve) => {
    note.onended = () => resolve();
  });
}
