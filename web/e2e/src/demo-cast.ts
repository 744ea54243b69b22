/** The patients of the demonstration: drawn people, each of their own colour, who sway a little. */
import type { Picture } from './clip.ts';

export interface DemoMember {
  /** The backdrop's colour and the clothes', as chroma (Cb, Cr). */
  readonly backdrop: readonly [number, number];
  readonly clothes: readonly [number, number];
  /** The brightness of the face, 0 to 255. */
  readonly face: number;
  /** The pitch of the voice in Hz. */
  readonly tone: number;
}

export const DEMO_CAST: readonly DemoMember[] = [
  { backdrop: [118, 142], clothes: [160, 110], face: 190, tone: 330 },
  { backdrop: [148, 116], clothes: [110, 165], face: 110, tone: 262 },
  { backdrop: [112, 116], clothes: [128, 175], face: 150, tone: 392 },
  { backdrop: [140, 140], clothes: [105, 110], face: 90, tone: 294 },
  { backdrop: [100, 138], clothes: [170, 135], face: 170, tone: 440 },
];

export const DEMO_SHAPE = { width: 320, height: 180, rate: 15 } as const;

const FRAMES = 60;
const SKIN = [112, 148] as const;
const HAIR = 45;

function inEllipse(x: number, y: number, cx: number, cy: number, rx: number, ry: number): boolean {
  return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
}

/** Brightness and colour of one point, with the head that far to the right of its place. */
function point(member: DemoMember, x: number, y: number, sway: number): readonly number[] {
  const head = 160 + sway;
  if (inEllipse(x, y, head - 11, 72, 3, 3) || inEllipse(x, y, head + 11, 72, 3, 3)) {
    return [30, 128, 128];
  }
  if (y < 58 && inEllipse(x, y, head, 66, 33, 36)) return [HAIR, 124, 132];
  if (inEllipse(x, y, head, 72, 28, 34)) return [member.face, ...SKIN];
  if (inEllipse(x, y, 160 + sway / 2, 178, 84, 70)) return [95, ...member.clothes];
  return [205 - y / 4, ...member.backdrop];
}

function draw(member: DemoMember, sway: number): Picture {
  const { width, height } = DEMO_SHAPE;
  const luma = new Uint8Array(width * height);
  const cb = new Uint8Array((width * height) / 4);
  const cr = new Uint8Array((width * height) / 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [bright = 0, blue = 0, red = 0] = point(member, x, y, sway);
      luma[y * width + x] = bright;
      const half = ((y >> 1) * width) / 2 + (x >> 1);
      cb[half] = blue;
      cr[half] = red;
    }
  }
  return { luma, cb, cr };
}

/** Four seconds that lead back to their beginning. */
export function* demoPictures(member: DemoMember): Generator<Picture> {
  for (let index = 0; index < FRAMES; index += 1) {
    yield draw(member, 6 * Math.sin((2 * Math.PI * index) / FRAMES));
  }
}
