/** Drawn people as camera pictures, so that the gallery needs no photograph of anybody. */

interface Look {
  readonly width: number;
  readonly height: number;
  readonly wall: readonly [string, string];
  readonly hair: string;
  readonly skin: string;
  readonly clothes: string;
  /** A practitioner's collar. */
  readonly coat: boolean;
}

const LOOKS = {
  practitioner: {
    width: 1280,
    height: 720,
    wall: ['#c9d8d2', '#8fa9a2'],
    hair: '#3a2a22',
    skin: '#b98463',
    clothes: '#f4f6f5',
    coat: true,
  },
  companion: {
    width: 1280,
    height: 720,
    wall: ['#d7cfe0', '#a89bb8'],
    hair: '#1f1a17',
    skin: '#8d5b3f',
    clothes: '#7a4b63',
    coat: false,
  },
  patient: {
    width: 960,
    height: 1280,
    wall: ['#ead9bf', '#c7a77c'],
    hair: '#d9d6d0',
    skin: '#e6b99a',
    clothes: '#5d6f8f',
    coat: false,
  },
} as const satisfies Record<string, Look>;

export type Person = keyof typeof LOOKS;

type Context = CanvasRenderingContext2D;

function paintWall(context: Context, look: Look): void {
  const light = context.createLinearGradient(0, 0, look.width, look.height);
  light.addColorStop(0, look.wall[0]);
  light.addColorStop(1, look.wall[1]);
  context.fillStyle = light;
  context.fillRect(0, 0, look.width, look.height);
  context.fillStyle = 'rgb(255 255 255 / 35%)';
  context.fillRect(look.width * 0.06, look.height * 0.1, look.width * 0.2, look.height * 0.4);
}

function disc(context: Context, x: number, y: number, rx: number, ry: number, fill: string): void {
  context.fillStyle = fill;
  context.beginPath();
  context.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
  context.fill();
}

function paintBody(context: Context, look: Look, unit: number, x: number, y: number): void {
  disc(context, x, y + unit * 3.6, unit * 2.3, unit * 2.1, look.clothes);
  context.fillStyle = look.skin;
  context.fillRect(x - unit * 0.42, y + unit * 0.7, unit * 0.84, unit);
  if (!look.coat) return;
  context.strokeStyle = '#9db3ad';
  context.lineWidth = unit * 0.08;
  context.beginPath();
  context.moveTo(x - unit * 0.7, y + unit * 1.6);
  context.lineTo(x, y + unit * 3);
  context.lineTo(x + unit * 0.7, y + unit * 1.6);
  context.stroke();
}

function paintHead(context: Context, look: Look, unit: number, x: number, y: number): void {
  disc(context, x, y - unit * 0.25, unit * 1.12, unit * 1.25, look.hair);
  disc(context, x, y + unit * 0.1, unit * 0.88, unit * 1.08, look.skin);
  for (const side of [-1, 1])
    disc(context, x + side * unit * 0.34, y, unit * 0.07, unit * 0.1, '#2b201a');
  context.strokeStyle = '#7c3f33';
  context.lineWidth = unit * 0.08;
  context.lineCap = 'round';
  context.beginPath();
  context.arc(x, y + unit * 0.4, unit * 0.3, 0.25, Math.PI - 0.25);
  context.stroke();
}

function paint(canvas: HTMLCanvasElement, look: Look): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const unit = Math.min(look.width, look.height) * 0.17;
  const x = look.width * 0.5;
  const y = look.height * 0.42;
  paintWall(context, look);
  paintBody(context, look, unit, x, y);
  paintHead(context, look, unit, x, y);
}

const FRAMES_A_SECOND = 5;
const streams = new Map<Person, MediaStream>();

/** A live stream of a still person; it is painted again and again, because a still canvas sends nothing. */
export function portrait(person: Person): MediaStream {
  const known = streams.get(person);
  if (known) return known;
  const look = LOOKS[person];
  const canvas = document.createElement('canvas');
  canvas.width = look.width;
  canvas.height = look.height;
  paint(canvas, look);
  setInterval(() => paint(canvas, look), 1000 / FRAMES_A_SECOND);
  const stream = canvas.captureStream(FRAMES_A_SECOND);
  streams.set(person, stream);
  return stream;
}
