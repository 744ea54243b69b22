import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { report } from '../../src/figures.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import {
  consult,
  meetEachOther,
  openChat,
  readsMessage,
  safetyCode,
  write,
} from '../../src/steps.ts';
import type { Host } from '../../src/network.ts';
import type { Request } from '../../../sdk/src/wire.ts';
import { inWorld, type World } from '../../src/world.ts';

type Offer = Extract<Request, { type: 'offer' }>;

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

/** Resolves with the safety code that both show, once it is another than before. */
async function newCode(one: Participant, other: Participant, before: string): Promise<string> {
  await expect
    .poll(async () => (await safetyCode(one)) !== before, { timeout: RECOVERY_MS })
    .toBe(true);
  const code = await safetyCode(one);
  await expect.poll(() => safetyCode(other), { timeout: RECOVERY_MS }).toBe(code);
  return code;
}

async function chatWorks(one: Participant, other: Participant): Promise<void> {
  for (const participant of [one, other]) {
    if (!(await participant.page.getByRole('log').isVisible())) await openChat(participant);
  }
  await write(one, `Can you read me, ${other.who}?`);
  await readsMessage(other, `Can you read me, ${other.who}?`);
  await write(other, `Yes I can, ${one.who}`);
  await readsMessage(one, `Yes I can, ${one.who}`);
}

describe('a reload', () => {
  it(
    'of the patient brings the call back with a new leaf and a new code',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const group = practitioner.wire.group!;
      const code = await safetyCode(practitioner);
      const since = Date.now();
      await patient.page.reload();
      await groupMovesOn(practitioner, group);
      await meetEachOther(patient, practitioner);
      report(
        'pause of the picture by the patient’s reload',
        practitioner.probe.longestPause('patientA', since),
      );
      expect(practitioner.wire.group).toMatchObject({ generation: group.generation });
      await newCode(practitioner, patient, code);
      await chatWorks(patient, practitioner);
    }),
  );

  it(
    'of the practitioner brings the call back in a new group and with a new code',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const group = patient.wire.group!;
      const code = await safetyCode(patient);
      const since = Date.now();
      await practitioner.page.reload();
      await groupMovesOn(patient, group);
      await meetEachOther(patient, practitioner);
      report(
        'pause of the picture by the practitioner’s reload',
        patient.probe.longestPause('practitioner', since),
      );
      expect(patient.wire.group!.generation).toBeGreaterThan(group.generation);
      await newCode(patient, practitioner, code);
      await chatWorks(patient, practitioner);
    }),
  );

  it(
    'keeps what was written before',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      await openChat(patient);
      await write(patient, 'Written before the reload');
      await openChat(practitioner);
      await readsMessage(practitioner, 'Written before the reload');
      await patient.page.reload();
      await meetEachOther(patient, practitioner);
      await openChat(patient);
      await readsMessage(patient, 'Written before the reload');
    }),
  );
});

describe('a lost network', () => {
  /** Both are in a consultation; afterwards the patient's page must have kept its connection. */
  async function cut(world: World, during: (host: Host) => Promise<void>): Promise<Offer[]> {
    const { patient, practitioner } = await consult(world);
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
    report('picture back after the network', (frame?.at ?? Date.now()) - back);

    expect([await patient.load(), await patient.connectionsMade()]).toEqual([load, made]);
    expect(await safetyCode(patient)).toBe(code);
    await chatWorks(patient, practitioner);
    const offers = patient.wire.asked('offer', back);
    for (const offer of offers) expect(offer).toMatchObject({ leg, connection });
    return offers;
  }

  it(
    'comes back, and the same connection goes on',
    inWorld({ network: true }, async (world) => {
      // The length of the loss is what is tested, so it is waited for.
      await cut(world, () => delay(12_000));
    }),
  );

  it(
    'is followed by another, and the same connection goes on by an ICE restart',
    inWorld({ network: true }, async (world) => {
      const offers = await cut(world, async (host) => host.move());
      expect(offers.length).toBeGreaterThan(0);
    }),
  );
});

describe('kill -9', () => {
  it(
    'of signaling stops neither picture nor sound, and the session resumes',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const made = [await patient.connectionsMade(), await practitioner.connectionsMade()];
      const since = Date.now();
      await world.server.killSignaling();
      // It stays away until both pages have noticed, and still they see and hear each other.
      await Promise.all([
        patient.reads('Reconnecting to the waiting room. You can keep talking.'),
        practitioner.reads('Reconnecting to the waiting room. You can keep talking.'),
      ]);
      await meetEachOther(patient, practitioner);
      const restarted = Date.now();
      await world.server.start();
      await Promise.all([
        patient.wire.welcomed(restarted, RECOVERY_MS),
        practitioner.wire.welcomed(restarted, RECOVERY_MS),
      ]);
      await chatWorks(patient, practitioner);
      await meetEachOther(patient, practitioner);

      const pauses = [
        practitioner.probe.longestPause('patientA', since),
        patient.probe.longestPause('practitioner', since),
      ];
      report('longest pause of the picture while signaling restarted', Math.max(...pauses));
      expect(Math.max(...pauses)).toBeLessThan(UNNOTICED_MS);
      expect([await patient.connectionsMade(), await practitioner.connectionsMade()]).toEqual(made);
    }),
  );

  it(
    'of the SFU connects both again without a click',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const leg = patient.wire.leg!.leg;
      const loads = [await patient.load(), await practitioner.load()];
      const since = Date.now();
      await world.server.killSfu();
      await patient.wire.until(RECOVERY_MS, 'a leg at the new SFU', () => {
        const now = patient.wire.leg?.leg;
        return now !== undefined && now !== leg;
      });
      await meetEachOther(patient, practitioner);
      const pauses = [
        practitioner.probe.longestPause('patientA', since),
        patient.probe.longestPause('practitioner', since),
      ];
      report('pause of the picture by kill -9 of the SFU', Math.max(...pauses));
      expect(Math.max(...pauses)).toBeLessThan(SFU_BACK_MS);
      expect([await patient.load(), await practitioner.load()]).toEqual(loads);
      await chatWorks(patient, practitioner);
    }),
  );
});
