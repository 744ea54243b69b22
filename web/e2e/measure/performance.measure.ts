/** The figures of docs/performance.md: `npm run measure`. */
import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { PROOF_LABEL, PROTOCOL_VERSION } from '../../sdk/src/wire.ts';
import { BadLine } from '../src/bad-line.ts';
import type { Participant } from '../src/browser.ts';
import { MEDIA_MS } from '../src/limits.ts';
import { admit, end, enterWaitingRoom } from '../src/steps.ts';
import type { Host } from '../src/network.ts';
import { World, type WorldOptions } from '../src/world.ts';
import { hideWarmLegs } from './cold.ts';
import { noteMoments } from './first-frame.ts';
import { cpuMicroseconds, residentKib } from './processes.ts';
import { add, percentile, print } from './table.ts';
import { letWait } from './waiting-sockets.ts';

const ADMISSIONS = Number(process.env['ADMISSIONS'] ?? 100);
const WAITING = 100;
const FORWARDING_MS = 60_000;
/** What a server needs to come to rest after its start. */
const REST_MS = 3_000;

beforeAll(() => {
  const [cpu] = cpus();
  add('Machine', `${cpus().length} × ${cpu?.model}`, `${Math.round(totalmem() / 2 ** 30)} GiB`);
});
afterAll(print);

/** A world for the length of one measurement. */
async function measured(
  body: (world: World) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const world = await World.open(options);
  try {
    await body(world);
  } catch (error) {
    process.stdout.write(`traces of the failure: ${await world.leaveTraces('measure')}\n`);
    throw error;
  } finally {
    await world.close();
  }
}

/** Resolves when this page's media connection stands, as it does for whoever is next. */
async function isWarm({ page }: Participant): Promise<void> {
  await page.waitForFunction(
    () => __held.connections.some((connection) => connection.connectionState === 'connected'),
    undefined,
    { timeout: MEDIA_MS, polling: 20 },
  );
}

async function firstFrame({ page }: Participant): Promise<number> {
  const seen = await page.waitForFunction(() => __moments.firstFrame, undefined, { polling: 20 });
  return seen.jsonValue();
}

/** Where patients are, and whether what can be done before the admission is done. */
interface Setting {
  readonly host?: Host;
  readonly cold?: boolean;
}

/** A wait in which everything that is done before an admission is done, where nothing can be awaited. */
const SETTLED_MS = 1_500;

async function oneAdmission(
  world: World,
  practitioner: Participant,
  { host, cold }: Setting = {},
): Promise<[number, number]> {
  const patient = await world.patient('patientA', {
    unwatched: true,
    script: noteMoments,
    ...(host && { host }),
  });
  if (cold) await patient.page.addInitScript(hideWarmLegs);
  await enterWaitingRoom(patient);
  await (cold ? delay(SETTLED_MS) : Promise.all([isWarm(patient), isWarm(practitioner)]));
  await admit(practitioner, 'patientA');
  const frames = await Promise.all([firstFrame(practitioner), firstFrame(patient)]);
  const click = await practitioner.page.evaluate(() => __moments.click);
  await end(practitioner);
  await patient.close();
  await practitioner.reads('Nobody is waiting');
  return [frames[0] - click, frames[1] - click];
}

/** Admits one patient after the other; what it took until each saw the other. */
async function admissions(world: World, where: string, setting: Setting): Promise<void> {
  const practitioner = await world.practitioner({ unwatched: true, script: noteMoments });
  if (setting.cold) {
    await practitioner.page.addInitScript(hideWarmLegs);
    await practitioner.page.reload();
  }
  const times: [number, number][] = [];
  // The first pays for what the browser has never done before.
  await oneAdmission(world, practitioner, setting);
  while (times.length < ADMISSIONS) times.push(await oneAdmission(world, practitioner, setting));
  const figures = (side: 0 | 1) => {
    const values = times.map((time) => time[side]);
    const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
    return [`p50 ${Math.round(p50)} ms`, `p95 ${Math.round(p95)} ms`];
  };
  const what = `Click on Admit → first frame, ${where} (N = ${times.length})`;
  add(`${what}: of the patient`, ...figures(0));
  add(`${what}: of the practitioner`, ...figures(1));
}

it('admission to the first decoded frame', async () => {
  await measured((world) => admissions(world, 'one machine', {}));
});

for (const cold of [false, true]) {
  const where = `50 ms round trip to the patient, legs ${cold ? 'not ' : ''}set up before`;
  it(`admission to the first decoded frame, ${where}`, async () => {
    await measured(
      async (world) => {
        const line = await BadLine.open(world.serverHost, ['--delay', '25ms']);
        await admissions(world, where, { host: line.host, cold });
        await line.close();
      },
      { network: true },
    );
  });
}

/** RTP packets that a page has received, of sound and picture. */
async function packetsReceived({ page }: Participant): Promise<number> {
  return page.evaluate(async () => {
    let packets = 0;
    for (const connection of __held.connections) {
      for (const entry of (await connection.getStats()).values()) {
        const stats = entry as RTCInboundRtpStreamStats;
        if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0;
      }
    }
    return packets;
  });
}

it('processor time for each forwarded packet', async () => {
  await measured(async (world) => {
    const practitioner = await world.practitioner({ unwatched: true });
    const patient = await world.patient('patientA', { unwatched: true });
    await enterWaitingRoom(patient);
    await admit(practitioner, 'patientA');
    const people = [practitioner, patient];
    const packets = async () =>
      (await Promise.all(people.map(packetsReceived))).reduce((a, b) => a + b);
    await delay(REST_MS);
    const { sfuPid } = world.server;
    const [packetsBefore, cpuBefore] = [await packets(), cpuMicroseconds(sfuPid)];
    await delay(FORWARDING_MS);
    const forwarded = (await packets()) - packetsBefore;
    const cpu = cpuMicroseconds(sfuPid) - cpuBefore;
    add(
      'Processor time of the SFU for each forwarded packet',
      `${(cpu / forwarded).toFixed(1)} µs`,
      `${Math.round(forwarded / (FORWARDING_MS / 1_000))} packets/s in one consultation`,
    );
  });
});

it('memory of the idle servers, and of those who wait', async () => {
  await measured(async (world) => {
    const { signalingPid, sfuPid, patientLink } = world.server;
    await delay(REST_MS);
    const [signaling, sfu] = [residentKib(signalingPid), residentKib(sfuPid)];
    add('Resident memory, idle: signaling', `${(signaling / 1024).toFixed(1)} MiB`);
    add('Resident memory, idle: SFU', `${(sfu / 1024).toFixed(1)} MiB`);
    const crowd = await world.patient('patientA', { unwatched: true });
    await crowd.page.goto(world.server.url);
    const link = new URL(patientLink).hash.replace('#w=', '');
    const terms = { link, proofLabel: PROOF_LABEL, protocol: PROTOCOL_VERSION };
    // The first few pay for what is made once, such as the store's caches.
    await crowd.page.evaluate(letWait, { ...terms, count: 10 });
    await delay(REST_MS);
    const few = residentKib(signalingPid);
    await crowd.page.evaluate(letWait, { ...terms, count: WAITING });
    await delay(REST_MS);
    const each = (residentKib(signalingPid) - few) / WAITING;
    add(
      `Resident memory of signaling for each waiting patient (N = ${WAITING})`,
      `${each.toFixed(1)} KiB`,
      `${(residentKib(signalingPid) / 1024).toFixed(1)} MiB in all`,
    );
  });
});

it('JavaScript of the patient’s way to the waiting room', async () => {
  await measured(async (world) => {
    const patient = await world.patient('patientA', { unwatched: true });
    await patient.isAt('Welcome');
    const scripts: Response[] = [];
    patient.context.on('response', (response) => {
      if (new URL(response.url()).pathname.endsWith('.js')) scripts.push(response);
    });
    await patient.page.reload();
    await enterWaitingRoom(patient);
    const bodies = new Map<string, Buffer>();
    for (const response of scripts) {
      // What the browser had kept is fetched again, to be weighed as it is for a newcomer.
      const fetched = await patient.context.request.get(response.url());
      bodies.set(response.url(), await fetched.body());
    }
    const gzipped = [...bodies.values()].reduce((sum, body) => sum + gzipSync(body).length, 0);
    add(
      'JavaScript of the patient until the waiting room shows',
      `${(gzipped / 1_000).toFixed(1)} kB gzipped in ${bodies.size} files`,
    );
  });
});
