/** What people see when the encryption is not as it should be: nothing. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World, type Device, type Person } from './world.ts';

let world: World;
let doctor: Person;
let patient: Person;

beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.stop());

/** A consultation in which the patient has an odd device. */
async function meet(device: Device): Promise<void> {
  doctor = await world.person(world.ready.practitioner_link);
  patient = await world.person(world.ready.patient_link, device);
  for (const person of [doctor, patient]) {
    await person.until('online', ({ status }) => status === 'online');
    await person.run((client) => client.startMedia());
    await person.watch();
  }
  await patient.run((client) => client.arrive({ name: 'Ada', reason: '' }));
  await doctor.until('row', ({ practitioner: it }) => it?.waiting[0]?.connected === true);
  await doctor.run((client) => client.admit(client.state.practitioner?.waiting[0]?.visit ?? ''));
}

/** Bytes and pictures of this kind, by the browser's own count. */
function counted(
  person: Person,
  direction: 'inbound' | 'outbound',
): Promise<Record<string, number>> {
  return person.page.evaluate(async (type) => {
    const sums = { packets: 0, pictures: 0 };
    for (const stats of (await window.connections.at(-1)?.getStats())?.values() ?? []) {
      if (stats.type !== `${type}-rtp`) continue;
      sums.packets += stats.packetsReceived ?? stats.packetsSent ?? 0;
      sums.pictures += stats.framesDecoded ?? 0;
    }
    return sums;
  }, direction);
}

async function packetsArrive(person: Person): Promise<void> {
  await expect
    .poll(async () => (await counted(person, 'inbound'))['packets'], { timeout: 15_000 })
    .toBeGreaterThan(50);
}

async function seesNothing(person: Person): Promise<void> {
  const { consultation } = await person.state();
  expect(consultation?.people.map(({ stream }) => stream)).toEqual([null, null]);
  expect(await person.pictures()).toBe(0);
  expect((await counted(person, 'inbound'))['pictures']).toBe(0);
}

describe('media keys that differ', () => {
  it('show no picture and play no sound on either side', async () => {
    await meet({ code: (code) => code.replace('SFrame 1.0 Base Key', 'SFrame 1.0 Other Key') });
    for (const person of [doctor, patient]) {
      await person.until('group', ({ consultation: it }) => it?.encryption === 'ready');
      await packetsArrive(person);
      await seesNothing(person);
      expect(await person.hears()).toBe(0);
    }
  });
});

describe('a page that is kept out of the group', () => {
  it('sends nothing and shows nothing, though media comes', async () => {
    await meet({ code: (code) => code.replace(/case\s*.welcome.:/, 'case "unwelcome":') });
    await packetsArrive(patient);
    await seesNothing(patient);
    expect((await patient.state()).consultation?.encryption).toBe('pending');
    expect((await counted(patient, 'outbound'))['packets']).toBe(0);
  });
});

describe('a worker whose script is lost on the way', () => {
  it('is made again, and people see each other all the same', async () => {
    const lost = 2;
    let asked = 0;
    await meet({ loses: (file) => file.includes('worker-') && ++asked <= lost });
    for (const person of [doctor, patient]) await person.seesMore();
    expect(asked).toBe(lost + 1);
  });
});

describe('a browser without transforms', () => {
  it('that says so is told, and never connects', async () => {
    patient = await world.person(world.ready.patient_link, {
      before: `delete window.RTCRtpScriptTransform;
        delete RTCRtpSender.prototype.createEncodedStreams;`,
    });
    await patient.until('refusal', ({ status }) => status === 'refused');
    expect((await patient.state()).problem?.code).toBe('unsupported_browser');
  });

  it('that does not say so sends nothing', async () => {
    await meet({
      before: `Object.defineProperty(RTCRtpSender.prototype, 'transform', {
        get: () => null,
        set: () => undefined,
      })`,
    });
    await patient.seesMore();
    expect((await counted(patient, 'outbound'))['packets']).toBe(0);
    await seesNothing(doctor);
  });
});
