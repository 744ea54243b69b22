/** The people of the browser tests. Each has a camera and a voice that cannot be mistaken. */

export interface Member {
  /** The name that is typed into the page; the practitioner’s is that of the demonstration clinic. */
  readonly name: string;
  /** The number drawn into each frame of the camera. */
  readonly camera: number;
  /** The pitch of the voice in Hz: far apart, and none a harmonic of another. */
  readonly tone: number;
  /** The backdrop's colour, as chroma (Cb, Cr). */
  readonly backdrop: readonly [number, number];
}

export const CAST = {
  patientA: { name: 'Awa Diallo', camera: 1, tone: 520, backdrop: [150, 110] },
  patientB: { name: 'Bram Peeters', camera: 2, tone: 690, backdrop: [110, 120] },
  patientC: { name: 'Chloé Dubois', camera: 3, tone: 910, backdrop: [120, 155] },
  practitioner: { name: 'Dr Martin', camera: 4, tone: 1210, backdrop: [140, 128] },
} as const satisfies Record<string, Member>;

export type Who = keyof typeof CAST;

export const EVERYBODY = Object.keys(CAST) as Who[];

/** Whose camera carries this number. */
export function byCamera(camera: number): Who | null {
  return EVERYBODY.find((who) => CAST[who].camera === camera) ?? null;
}
