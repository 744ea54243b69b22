/** What breaks while two people talk to each other, and how they are together again. */
import { expect } from 'vitest';
import type { Request } from '../../sdk/src/wire.ts';
import { inTurn, writeInTurn } from './acts.ts';
import type { Participant } from './browser.ts';
import { report } from './figures.ts';
import { RECOVERY_MS } from './limits.ts';
import type { Host } from './network.ts';
import { meetEachOther, type Pair, safetyCode } from './steps.ts';
import type { Tap } from './tap/tap.ts';
import type { World } from './world.ts';

export type Offer = Extract<Request, { type: 'offer' }>;

/**
 * That both see and hear each other while signaling is away is awaited; this bounds the longest pause,
 * which on a busy machine is the machine's own. The figure is reported.
 */
const UNNOTICED_MS = 3_000;
/** The promise is 3 s; a loaded machine may take longer, and the figure is reported. */
const SFU_BACK_MS = 10_000;

/** Resolves when the page knows a group further on than this one. */
async function groupMovesOn(participant: Participant, from: { generation: number; epoch: number }) {
  await participant.wire.until(RECOVERY_MS, 'a new epoch', () => {
    const now = participant.wire.group;
    if (!now) return false;
    return now.generation > from.generation || now.epoch > from.epoch;
  });
}

/** Resolves once both show another safety code than before, and the same. */
async function newCode(one: Participant, other: Participant, before: string): Promise<void> {
  await expect
    .poll(async () => (await safetyCode(one)) !== before, { timeout: RECOVERY_MS })
    .toBe(true);
  const code = await safetyCode(one);
  await expect.poll(() => safetyCode(other), { timeout: RECOVERY_MS }).toBe(code);
}

/** What is reported of a pair says which browsers they have. */
function withBrowsers({ patient, practitioner }: Pair): string {
  return ` (${patient.browserName} with ${practitioner.browserName})`;
}

function longestPause(pair: Pair, since: number): number {
  return Math.max(...inTurn(pair).map(([who, other]) => other.probe.longestPause(who.who, since)));
}

async function loads({ patient, practitioner }: Pair): Promise<number[]> {
  return [await patient.load(), await practitioner.load()];
}

async function connections({ patient, practitioner }: Pair): Promise<number[]> {
  return [await patient.connectionsMade(), await practitioner.connectionsMade()];
}

/** The patient's page is loaded anew, and comes back with a new leaf and a new code. */
export async function reloadPatient(pair: Pair): Promise<void> {
  const { patient, practitioner } = pair;
  const group = practitioner.wire.group!;
  const code = await safetyCode(practitioner);
  const since = Date.now();
  await patient.page.reload();
  await groupMovesOn(practitioner, group);
  await meetEachOther(patient, practitioner);
  report(
    `pause of the picture by the patient’s reload${withBrowsers(pair)}`,
    practitioner.probe.longestPause('patientA', since),
  );
  expect(practitioner.wire.group).toMatchObject({ generation: group.generation });
  await newCode(practitioner, patient, code);
  await writeInTurn(pair);
}

/** The practitioner's page is loaded anew, and comes back with a new group and a new code. */
export async function reloadPractitioner(pair: Pair): Promise<void> {
  const { patient, practitioner } = pair;
  const group = patient.wire.group!;
  const code = await safetyCode(patient);
  const since = Date.now();
  await practitioner.page.reload();
  await groupMovesOn(patient, group);
  await meetEachOther(patient, practitioner);
  report(
    `pause of the picture by the practitioner’s reload${withBrowsers(pair)}`,
    patient.probe.longestPause('practitioner', since),
  );
  expect(patient.wire.group!.generation).toBeGreaterThan(group.generation);
  await newCode(patient, practitioner, code);
  await writeInTurn(pair);
}

/** The patient's cable is pulled; afterwards the page must have kept its connection. */
export async function loseNetwork(
  world: World,
  pair: Pair,
  during: (host: Host) => Promise<void>,
): Promise<Offer[]> {
  const { patient, practitioner } = pair;
  const code = await safetyCode(patient);
  const { leg, connection } = patient.wire.asked('offer').at(-1)!;
  const [load, made] = [await patient.load(), await patient.connectionsMade()];
  const host = world.hostOf(patient);
  host.linkDown();
  await patient.reads('The connection is interrupted. It comes back by itself…');
  await during(host);
  const back = Date.now();
  host.linkUp();
  await patient.wire.welcomed(back, RECOVERY_MS);
  await practitioner.probe.sees('patientA', { within: RECOVERY_MS });
  await meetEachOther(patient, practitioner);
  const [frame] = practitioner.probe.framesOf('patientA', back);
  report(`picture back after the network${withBrowsers(pair)}`, (frame?.at ?? Date.now()) - back);

  expect([await patient.load(), await patient.connectionsMade()]).toEqual([load, made]);
  expect(await safetyCode(patient)).toBe(code);
  await writeInTurn(pair);
  const offers = patient.wire.asked('offer', back);
  for (const offer of offers) expect(offer).toMatchObject({ leg, connection });
  return offers;
}

/**
 * The patient's address becomes another, of which no event tells: the same connection goes on by an ICE restart. After how many
 * milliseconds each saw the other again.
 */
export async function changeAddress(world: World, pair: Pair): Promise<number[]> {
  const { patient, practitioner } = pair;
  const code = await safetyCode(patient);
  const { leg, connection } = patient.wire.asked('offer').at(-1)!;
  const before = [await loads(pair), await connections(pair)];
  const moved = Date.now();
  world.hostOf(patient).move();
  await patient.wire.until(RECOVERY_MS, 'an ICE restart', () => {
    return patient.wire.asked('offer', moved).length > 0;
  });
  const restarted = Date.now();
  await Promise.all([
    practitioner.probe.sees('patientA', { within: RECOVERY_MS }),
    patient.probe.sees('practitioner', { within: RECOVERY_MS }),
  ]);
  await meetEachOther(patient, practitioner);
  const back = inTurn(pair).map(([viewer, shown]) => {
    const [frame] = viewer.probe.framesOf(shown.who, restarted);
    const after = (frame?.at ?? Date.now()) - moved;
    report(`${viewer.who}: picture back after another address`, after);
    return after;
  });
  expect([await loads(pair), await connections(pair)]).toEqual(before);
  expect(await safetyCode(patient)).toBe(code);
  const offers = patient.wire.asked('offer', moved);
  for (const offer of offers) expect(offer).toMatchObject({ leg, connection });
  await writeInTurn(pair);
  return back;
}

/** `kill -9` of signaling stops neither picture nor sound, and the session resumes. */
export async function restartSignaling(world: World, pair: Pair): Promise<void> {
  const { patient, practitioner } = pair;
  const made = await connections(pair);
  const since = Date.now();
  await world.server.killSignaling();
  // It stays away until both pages have noticed, and still they see and hear each other.
  await Promise.all([
    patient.reads('Reconnecting to the waiting room…'),
    practitioner.reads('Reconnecting to the waiting room…'),
  ]);
  await meetEachOther(patient, practitioner);
  const restarted = Date.now();
  await world.server.start();
  await Promise.all([
    patient.wire.welcomed(restarted, RECOVERY_MS),
    practitioner.wire.welcomed(restarted, RECOVERY_MS),
  ]);
  await writeInTurn(pair);
  await meetEachOther(patient, practitioner);

  const pause = longestPause(pair, since);
  report(`longest pause of the picture while signaling restarted${withBrowsers(pair)}`, pause);
  expect(pause).toBeLessThan(UNNOTICED_MS);
  expect(await connections(pair)).toEqual(made);
}

/** The SFU ends with all calls, or with this one: both are connected again without a click, to another. */
async function replaceCall(pair: Pair, what: string, end: () => Promise<unknown>): Promise<void> {
  const { patient, practitioner } = pair;
  const leg = patient.wire.leg!.leg;
  const loaded = await loads(pair);
  const since = Date.now();
  await end();
  await patient.wire.until(RECOVERY_MS, 'a leg of another call', () => {
    const now = patient.wire.leg?.leg;
    return now !== undefined && now !== leg;
  });
  await meetEachOther(patient, practitioner);
  const pause = longestPause(pair, since);
  report(`pause of the picture by ${what}${withBrowsers(pair)}`, pause);
  expect(pause).toBeLessThan(SFU_BACK_MS);
  expect(await loads(pair)).toEqual(loaded);
  await writeInTurn(pair);
}

/** `kill -9` of the SFU. */
export async function replaceSfu(world: World, pair: Pair): Promise<void> {
  await replaceCall(pair, 'kill -9 of the SFU', () => world.server.killSfu());
}

/** A panic in the SFU, which goes on with the other calls. */
export async function panicInTheSfu(tap: Tap, pair: Pair): Promise<void> {
  await replaceCall(pair, 'a panic in the SFU', async () => tap.panic());
}
