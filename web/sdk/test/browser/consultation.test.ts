import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World, type Person } from './world.ts';

const world = new World();
let doctor: Person;
let patient: Person;

beforeAll(async () => {
  await world.start();
  doctor = await world.person(world.ready.practitioner_link);
  patient = await world.person(world.ready.patient_link);
});
afterAll(() => world.stop());

/** Nothing was thrown that nobody caught. */
afterEach(() => {
  for (const person of [doctor, patient]) {
    const thrown = person.errors.filter((error) => !/WebSocket|Failed to load|net::/.test(error));
    expect(thrown).toEqual([]);
  }
});

async function bothReady(timeout?: number): Promise<void> {
  for (const person of [doctor, patient]) {
    await person.until('keys', ({ consultation: it }) => it?.encryption === 'ready', timeout);
    await person.until('media', ({ consultation: it }) => it?.media === 'connected', timeout);
    await person.until('code', ({ consultation: it }) => !!it?.safetyCode, timeout);
  }
  const [one, other] = [await doctor.state(), await patient.state()];
  expect(one.consultation?.safetyCode).toEqual(other.consultation?.safetyCode);
}

async function bothSee(): Promise<void> {
  await Promise.all([doctor.seesMore(), patient.seesMore()]);
}

describe('the waiting room', () => {
  it('shows a patient who arrives, and takes the link out of the address', async () => {
    await doctor.until('online', ({ status }) => status === 'online');
    await patient.until('online', ({ status }) => status === 'online');
    expect(new URL(patient.page.url()).hash).toBe('');
    expect(new URL(doctor.page.url()).hash).toBe('');
    await doctor.run((client) => client.startMedia());
    await patient.run((client) => client.startMedia());
    await patient.until('camera', ({ media }) => media.state === 'ready' && media.camera);
    await patient.run((client) => client.arrive({ name: ' Ada ', reason: 'A cough' }));
    await doctor.until('row', ({ practitioner: it }) => it?.waiting[0]?.name === 'Ada');
    await patient.until('place', ({ patient: it }) => it?.visit?.state.type === 'waiting');
  });

  it('keeps the place over a reload', async () => {
    const before = (await patient.state()).patient?.visit;
    await patient.page.reload();
    await patient.until('place', ({ patient: it }) => it?.visit?.state.type === 'waiting');
    expect((await patient.state()).patient?.visit).toEqual(before);
    await patient.run((client) => client.startMedia());
  });

  it('warms the connection, over which nothing goes before admission', async () => {
    for (const person of [doctor, patient]) {
      await person.page.waitForFunction(
        () => window.connections.at(-1)?.connectionState === 'connected',
      );
      const sent = await person.page.evaluate(() =>
        window.connections
          .at(-1)
          ?.getSenders()
          .map(({ track }) => track),
      );
      expect(sent?.filter((track) => track !== null)).toEqual([]);
    }
  });
});

describe('a consultation', () => {
  it('connects the two', async () => {
    await doctor.watch();
    await patient.watch();
    await doctor.run((client) => client.admit(client.state.practitioner?.waiting[0]?.visit ?? ''));
    await bothReady();
    await bothSee();
    expect(await doctor.hears()).toBeGreaterThan(0.05);
    expect(await patient.hears()).toBeGreaterThan(0.05);
    const connections = await doctor.page.evaluate(() => window.connections.length);
    expect(connections).toBe(1);
    const sending = await doctor.page.evaluate(() => {
      const [sound, picture] = window.connections[0]?.getSenders() ?? [];
      const { encodings, codecs } = sound?.getParameters() ?? {};
      return {
        priority: encodings?.[0]?.networkPriority,
        codecs: [codecs?.[0]?.mimeType, picture?.getParameters().codecs[0]?.mimeType],
        gives: picture?.getParameters().degradationPreference,
      };
    });
    expect(sending).toEqual({
      priority: 'high',
      codecs: ['audio/opus', 'video/VP8'],
      gives: 'balanced',
    });
  });

  it('carries what they write', async () => {
    await doctor.run((client) => client.sendChat('Good morning'));
    await patient.until('chat', ({ consultation: it }) => it?.chat[0]?.text === 'Good morning');
    await patient.run((client) => client.sendChat('Hello'));
    await doctor.until('chat', ({ consultation: it }) => it?.chat[1]?.text === 'Hello');
  });

  it('mutes and stops the camera', async () => {
    await patient.run((client) => client.setMicrophone(false));
    await doctor.until('muted', ({ consultation: it }) => {
      return it?.people.some(({ self, microphone }) => !self && !microphone) === true;
    });
    await expect.poll(() => doctor.hears(), { timeout: 10_000 }).toBeLessThan(0.01);
    await patient.run((client) => client.setCamera(false));
    await doctor.until('dark', ({ consultation: it }) => {
      return it?.people.some(({ self, camera }) => !self && !camera) === true;
    });
    expect((await patient.state()).media.camera).toBe(false);
    const live = await patient.page.evaluate(() =>
      window.client.state.media.stream?.getVideoTracks(),
    );
    expect(live).toEqual([]);
    await patient.run((client) => client.setCamera(true));
    await patient.run((client) => client.setMicrophone(true));
    await doctor.seesMore();
    expect(await doctor.hears()).toBeGreaterThan(0.05);
  });

  it.each(['doctor', 'patient'] as const)('goes on after a reload of the %s', async (who) => {
    const person = who === 'doctor' ? doctor : patient;
    const other = who === 'doctor' ? patient : doctor;
    const before = (await other.state()).consultation?.safetyCode;
    await person.page.reload();
    await person.until('consultation', ({ consultation }) => consultation !== null);
    await person.watch();
    await person.run((client) => client.startMedia());
    await bothReady();
    await bothSee();
    await other.page.waitForFunction(
      (digits) => window.client.state.consultation?.safetyCode?.long !== digits,
      before?.long,
    );
    await person.until('history', ({ consultation: it }) => it?.chat.length === 2);
  });

  it('does not notice when signaling is killed, and resumes when it is back', async () => {
    const before = await doctor.page.evaluate(() => window.connections.length);
    await doctor.longestGap();
    await world.kill();
    await doctor.until('lost', ({ status }) => status === 'reconnecting');
    await bothSee();
    await world.serve();
    await doctor.until('online', ({ status }) => status === 'online');
    await patient.until('online', ({ status }) => status === 'online');
    await bothSee();
    expect(await doctor.longestGap()).toBeLessThan(1000);
    expect(await doctor.page.evaluate(() => window.connections.length)).toBe(before);
    await doctor.run((client) => client.sendChat('Still there?'));
    await patient.until('chat', ({ consultation: it }) => it?.chat.at(-1)?.text === 'Still there?');
    await bothReady();
  });

  it('is connected again by itself when the SFU is killed', async () => {
    await doctor.longestGap();
    const pid = world.ready.sfu_pid;
    const began = Date.now();
    process.kill(pid, 'SIGKILL');
    await doctor.page.waitForFunction(
      (count) => window.connections.length > count,
      await doctor.page.evaluate(() => window.connections.length),
    );
    await bothReady();
    await bothSee();
    expect(Date.now() - began).toBeLessThan(4000);
  });

  it('ends for both', async () => {
    await doctor.run((client) => client.end());
    await patient.until('end', ({ patient: it }) => it?.visit?.state.type === 'ended');
    await doctor.until('end', ({ practitioner: it }) => it?.consultation === null);
    const state = await patient.state();
    expect(state.consultation).toBeNull();
    expect(state.media.state).toBe('idle');
    const open = await patient.page.evaluate(
      () => window.connections.filter(({ connectionState }) => connectionState !== 'closed').length,
    );
    expect(open).toBe(0);
  });
});
