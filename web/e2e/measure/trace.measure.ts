/** The figures of docs/performance.md: `npm run measure`. */
import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { PROOF_LABEL, PROTOCOL_VERSION } from '../../sdk/src/wire.ts';
import type { Participant } from '../src/browser.ts';
import { MEDIA_MS } from '../src/limits.ts';
import { admit, end, enterWaitingRoom } from '../src/steps.ts';
import { World } from '../src/world.ts';
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
async function measured(body: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open();
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

async function oneAdmission(world: World, practitioner: Participant): Promise<[number, number]> {
  const patient = await world.patient('patientA', { unwatched: true, script: noteMoments });
  await enterWaitingRoom(patient);
  await Promise.all([isWarm(patient), isWarm(practitioner)]);
  await admit(practitioner, 'patientA');
  const frames = await Promise.all([firstFrame(practitioner), firstFrame(patient)]).catch(async (error) => {
    for (const p of [practitioner, patient]) {
      process.stdout.write(JSON.stringify({ who: p.who, moments: await p.page.evaluate(() => __moments), snap: p.wire.snapshot(), text: await p.page.locator('body').innerText(),
        offers: p.wire.asked('offer').map(({leg, connection}) => ({leg, connection})), slots: p.wire.told('slots').at(-1),
        asked: ['commit','claim_key_packages','acknowledge','publish_key_packages','set_media'].map((t) => [t, p.wire.asked(t as never).length]),
        video: await p.page.evaluate(() => [...document.querySelectorAll('video')].map(v => ({label: v.ariaLabel, w: v.videoWidth, ready: v.readyState, paused: v.paused, tracks: (v.srcObject as MediaStream|null)?.getTracks().map(t => [t.kind, t.muted, t.readyState]), vis: v.checkVisibility({visibilityProperty:true,opacityProperty:true})}))),
        stats: await p.page.evaluate(async () => { const out: unknown[] = []; for (const c of __held.connections) { out.push(c.connectionState); for (const s of (await c.getStats()).values()) if ((s.type === 'inbound-rtp' || s.type === 'outbound-rtp')) { const {type,kind,packetsReceived,packetsSent,framesDecoded,framesReceived,keyFramesDecoded,pliCount,framesEncoded,keyFramesEncoded,frameWidth,packetsLost,nackCount,framesDropped,mid} = s; out.push({type,kind,mid,packetsReceived,packetsSent,framesDecoded,framesReceived,keyFramesDecoded,pliCount,framesEncoded,keyFramesEncoded,frameWidth,packetsLost,nackCount,framesDropped}); } } return out; }) }) + '\n');
    }
    throw error;
  });
  const click = await practitioner.page.evaluate(() => __moments.click);
  await end(practitioner);
  await patient.close();
  await practitioner.reads('Nobody is waiting');
  return [frames[0] - click, frames[1] - click];
}

it('admission to the first decoded frame', async () => {
  await measured(async (world) => {
    const practitioner = await world.practitioner({ unwatched: true, script: noteMoments });
    const times: [number, number][] = [];
    // The first pays for what the browser has never done before.
    await oneAdmission(world, practitioner);
    while (times.length < ADMISSIONS) {
      times.push(await oneAdmission(world, practitioner));
      if (process.env['TRACE']) process.stdout.write(JSON.stringify({n: times.length, t: times.at(-1)}) + '\n');
    }
    const figures = (side: 0 | 1) => {
      const values = times.map((time) => time[side]);
      const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
      return [`p50 ${Math.round(p50)} ms`, `p95 ${Math.round(p95)} ms`];
    };
    add(`Click on Admit → first frame of the patient (N = ${times.length})`, ...figures(0));
    add(`Click on Admit → first frame of the practitioner (N = ${times.length})`, ...figures(1));
  });
});

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
