/** The table of bad lines in docs/performance.md: `npm run quality -w e2e` in `web`. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, it } from 'vitest';
import { BadLine } from '../src/bad-line.ts';
import type { Participant } from '../src/browser.ts';
import { changeAddress } from '../src/recoveries.ts';
import { admit, consult, enterWaitingRoom, meetEachOther } from '../src/steps.ts';
import { World } from '../src/world.ts';
import { allReached, goal } from './goals.ts';
import { eachSecond, observe, type Quality, type Second } from './line-quality.ts';
import { add, percentile, print } from './table.ts';

/** Until the browsers' estimates have settled. */
const SETTLE_MS = Number(process.env['SETTLE_MS'] ?? 12_000);
const OBSERVE_MS = Number(process.env['OBSERVE_MS'] ?? 30_000);

const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['clean', ['--preset', 'clean']],
  ['1 % loss', ['--preset', 'loss-1']],
  ['5 % loss', ['--preset', 'loss-5']],
  ['10 % loss', ['--preset', 'loss-10']],
  ['20 % loss', ['--preset', 'loss-20']],
  ['10 % loss, 50 ms jitter, 5 % reordered', ['--preset', 'mobile']],
  ['500 ms round trip', ['--preset', 'satellite']],
];
const WANTED = process.env['LINES']?.split(',');

afterAll(() => {
  print();
  allReached();
});

interface Pair {
  readonly world: World;
  readonly practitioner: Participant;
  readonly patient: Participant;
  readonly line: BadLine;
}

/** A practitioner on a good line and a patient on this one, who see and hear each other. */
async function together(
  settings: readonly string[],
  body: (pair: Pair) => Promise<void>,
): Promise<void> {
  const world = await World.open({ network: true });
  let line: BadLine | null = null;
  try {
    line = await BadLine.open(world.serverHost, settings);
    const practitioner = await world.practitioner();
    const patient = await world.patient('patientA', { host: line.host });
    await enterWaitingRoom(patient);
    await admit(practitioner, 'patientA');
    await meetEachOther(patient, practitioner);
    await body({ world, practitioner, patient, line });
  } catch (error) {
    process.stdout.write(`traces of the failure: ${await world.leaveTraces('quality')}\n`);
    throw error;
  } finally {
    await world.close();
    if (line) await line.close();
  }
}

function row(what: string, way: string, quality: Quality): void {
  const [half, worst] = quality.delayMs.map(Math.round);
  add(
    `${what}: ${way}`,
    `${quality.framesPerSecond.toFixed(1)} frames/s read, ${quality.decodedPerSecond.toFixed(1)} decoded`,
    `${quality.freezes} freezes, longest pause ${Math.round(quality.longestPauseMs)} ms`,
    `delay ${half} ms (p95 ${worst})`,
    `${quality.concealedPercent.toFixed(1)} % of the sound made up, ${quality.silentPercent.toFixed(1)} % as silence`,
    `${Math.round(quality.kilobits)} kbit/s`,
  );
}

for (const [name, settings] of LINES) {
  if (WANTED && !WANTED.some((word) => name.includes(word))) continue;
  it(name, async () => {
    await together(settings, async ({ practitioner, patient }) => {
      await delay(SETTLE_MS);
      const [down, up] = await Promise.all([
        observe(patient, practitioner, () => delay(OBSERVE_MS)),
        observe(practitioner, patient, () => delay(OBSERVE_MS)),
      ]);
      row(name, 'to the patient', down);
      row(name, 'from the patient', up);
      judge(name, 'to the patient', down);
      judge(name, 'from the patient', up);
    });
  });
}

/** Lines of at most a fifth of loss, and the line of a tenth. */
function judge(name: string, way: string, quality: Quality): void {
  if (name === 'clean' || /^\d+ % loss$/.test(name)) {
    goal(`${name}, ${way}: sound made up, %`, quality.concealedPercent, { most: 5 });
  }
  if (name === '10 % loss') {
    goal(`${name}, ${way}: frames/s`, quality.framesPerSecond, { least: 15 });
  }
}

const WIDE = '3 Mbit/s';
const NARROW = '150 kbit/s, first 3 s';
const NARROW_ON = '150 kbit/s, then';
const WIDE_AGAIN = '3 Mbit/s again, first 8 s';

const FALL: readonly (readonly [string, string, number])[] = [
  [WIDE, 'set rate=3M queue=200ms', 20_000],
  [NARROW, 'set rate=150k queue=200ms', 3_000],
  [NARROW_ON, '', 27_000],
  [WIDE_AGAIN, 'set rate=3M queue=200ms', 8_000],
  ['3 Mbit/s again, then', '', 20_000],
];

it('3 Mbit/s → 150 kbit/s → 3 Mbit/s', async () => {
  if (WANTED && !WANTED.includes('fall')) return;
  await together(['--rate', '3M', '--queue', '200ms'], async ({ practitioner, patient, line }) => {
    const sides = [
      { way: 'to the patient', viewer: patient, sender: practitioner },
      { way: 'from the patient', viewer: practitioner, sender: patient },
    ];
    const before = new Map<string, Second>();
    let fell = 0;
    for (const [name, order, length] of FALL) {
      if (order) line.order(order);
      if (name === NARROW) fell = Date.now();
      await Promise.all(
        sides.map(async ({ way, viewer, sender }) => {
          let seconds: Second[] = [];
          const quality = await observe(viewer, sender, async () => {
            seconds = await eachSecond(viewer, sender, length / 1_000);
          });
          row(name, way, quality);
          const steadyMs = viewer.probe.steadyAfter(sender.who, fell, PAUSE_MS);
          if (name === WIDE) before.set(way, whole(seconds));
          else judgeFall(name, way, { quality, seconds, steadyMs, before: before.get(way) });
        }),
      );
    }
  });
});

/** How many consultations have somebody whose address changes. */
const MOVES = 5;

it('another address', async () => {
  if (WANTED && !WANTED.includes('address')) return;
  for (let move = 1; move <= MOVES; move += 1) {
    const world = await World.open({ network: true });
    try {
      const back = await changeAddress(world, await consult(world));
      goal(`another address, ${move}: both see each other after, ms`, Math.max(...back), {
        most: 2_000,
      });
    } finally {
      await world.close();
    }
  }
});

/** What a line that takes everything carries: the bitrate in the middle, and the width of the picture. */
function whole(seconds: readonly Second[]): Second {
  const rates = seconds.map((second) => second.kilobits);
  const last = seconds.at(-1);
  return { kilobits: percentile(rates, 0.5), width: last?.width ?? 0, heardPercent: 100 };
}

/** A picture that stands still for longer is not stable. */
const PAUSE_MS = 1_000;

/** The least part of each second of sound of which a sentence is understood, in percent. */
const HEARD_PERCENT = 25;

interface Fallen {
  readonly quality: Quality;
  readonly seconds: readonly Second[];
  /** How long after the fall the last long pause of the picture ended. */
  readonly steadyMs: number;
  readonly before: Second | undefined;
}

function judgeFall(
  name: string,
  way: string,
  { quality, seconds, steadyMs, before }: Fallen,
): void {
  const what = `${name}, ${way}`;
  if (name.startsWith('150')) {
    const heard = Math.min(...seconds.map((second) => second.heardPercent));
    goal(`${what}: sound heard in each second, %`, heard, { least: HEARD_PERCENT });
  }
  if (name === NARROW)
    goal(`${what}: until the picture goes on, ms`, quality.longestPauseMs, { most: 3_000 });
  if (name === NARROW_ON) {
    goal(`${what}: longest pause, ms`, quality.longestPauseMs, { most: 1_500 });
    goal(`${what}: stable after, ms`, steadyMs, { most: 3_000 });
  }
  if (name === WIDE_AGAIN && before) {
    const back = (second: Second) =>
      second.kilobits >= 0.8 * before.kilobits && second.width >= before.width;
    const at = seconds.findIndex(back);
    goal(`${what}: whole again after, s`, at < 0 ? Infinity : at + 1, { most: 8 });
  }
}
