/** The table of bad lines in docs/performance.md: `npm run quality -w e2e` in `web`. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, it } from 'vitest';
import { BadLine } from '../src/bad-line.ts';
import type { Participant } from '../src/browser.ts';
import { admit, enterWaitingRoom, meetEachOther } from '../src/steps.ts';
import { World } from '../src/world.ts';
import { observe, type Quality } from './line-quality.ts';
import { add, print } from './table.ts';

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

afterAll(print);

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
    `${quality.framesPerSecond.toFixed(1)} frames/s`,
    `${quality.freezes} freezes, longest pause ${Math.round(quality.longestPauseMs)} ms`,
    `delay ${half} ms (p95 ${worst})`,
    `${quality.concealedPercent.toFixed(1)} % of the sound made up`,
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
    });
  });
}

const FALL: readonly (readonly [string, string, number])[] = [
  ['3 Mbit/s', 'set rate=3M queue=200ms', 20_000],
  ['150 kbit/s, first 3 s', 'set rate=150k queue=200ms', 3_000],
  ['150 kbit/s, then', '', 27_000],
  ['3 Mbit/s again, first 8 s', 'set rate=3M queue=200ms', 8_000],
  ['3 Mbit/s again, then', '', 20_000],
];

it('3 Mbit/s → 150 kbit/s → 3 Mbit/s', async () => {
  if (WANTED && !WANTED.includes('fall')) return;
  await together(['--rate', '3M', '--queue', '200ms'], async ({ practitioner, patient, line }) => {
    for (const [name, order, length] of FALL) {
      if (order) line.order(order);
      const [down, up] = await Promise.all([
        observe(patient, practitioner, () => delay(length)),
        observe(practitioner, patient, () => delay(length)),
      ]);
      row(name, 'to the patient', down);
      row(name, 'from the patient', up);
    }
  });
});
