import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const online = (person: Person) => person.until('online', ({ status }) => status === 'online');

async function arrive(person: Person, name: string): Promise<void> {
  await online(person);
  await person.run((client) => client.startMedia());
  await person.page.evaluate((it) => window.client.arrive({ name: it, reason: '' }), name);
  await person.until('place', ({ patient: it }) => it?.visit?.state.type === 'waiting');
}

async function admitFirst(): Promise<void> {
  await doctor.until('head', ({ practitioner: it }) => it?.waiting[0]?.connected === true);
  await doctor.run((client) => client.admit(client.state.practitioner?.waiting[0]?.visit ?? ''));
}

describe('two tabs of one device', () => {
  it('share one session: the newer one has it, and the older one may take it back', async () => {
    await arrive(patient, 'Ada');
    const second = await patient.tab(world.ready.patient_link);
    await second.until('place', ({ patient: it }) => it?.visit?.state.type === 'waiting');
    await patient.until('replaced', ({ status }) => status === 'replaced');
    expect((await patient.state()).media.state).toBe('idle');

    await patient.run((client) => client.takeOver());
    await patient.until('place', ({ status, patient: it }) => {
      return status === 'online' && it?.visit?.state.type === 'waiting';
    });
    await second.until('replaced', ({ status }) => status === 'replaced');
    await patient.until('camera', ({ media }) => media.camera);
    await second.page.close();
  });

  it('can take a consultation from each other, with keys of their own', async () => {
    await online(doctor);
    await doctor.run((client) => client.startMedia());
    await admitFirst();
    await doctor.watch();
    await patient.watch();
    await Promise.all([doctor.seesMore(), patient.seesMore()]);

    const second = await patient.tab(world.ready.patient_link);
    await second.until('consultation', ({ consultation: it }) => it !== null);
    await second.watch();
    await second.run((client) => client.startMedia());
    await Promise.all([doctor.seesMore(), second.seesMore()]);
    expect((await patient.state()).consultation?.people.some(({ stream }) => stream)).toBe(false);

    await patient.run((client) => client.takeOver());
    await Promise.all([doctor.seesMore(), patient.seesMore()]);
    await second.page.close();
  });
});

describe('a visit that ended', () => {
  it('stays ended over a reload, and begins anew by the link', async () => {
    await doctor.run((client) => client.end());
    await patient.until('end', ({ patient: it }) => it?.visit?.state.type === 'ended');
    await patient.page.reload();
    await patient.until('end', ({ patient: it }) => it?.visit?.state.type === 'ended');
    await patient.open(world.ready.patient_link);
    await patient.until(
      'anew',
      ({ status, patient: it }) => status === 'online' && it?.visit === null,
    );
    expect(new URL(patient.page.url()).hash).toBe('');
  });

  it('begins anew where it ended, by the link that the device keeps', async () => {
    await arrive(patient, 'Bea');
    await admitFirst();
    await patient.until('consultation', ({ consultation: it }) => it !== null);
    await patient.run((client) => client.leave());
    await patient.until('end', ({ patient: it }) => it?.visit?.state.type === 'ended');
    await patient.run((client) => client.restart());
    await patient.until(
      'anew',
      ({ status, patient: it }) => status === 'online' && it?.visit === null,
    );
  });
});

describe('three patients', () => {
  it('are seen in order, each with a code of their own', async () => {
    const patients = [patient];
    while (patients.length < 3) patients.push(await world.person(world.ready.patient_link));
    for (const [index, person] of patients.entries()) await arrive(person, `Patient ${index}`);
    const codes = new Set<string>();
    for (const person of patients) {
      await admitFirst();
      await person.watch();
      await Promise.all([doctor.seesMore(), person.seesMore()]);
      await person.until('code', ({ consultation: it }) => !!it?.safetyCode);
      codes.add((await person.state()).consultation?.safetyCode?.long ?? '');
      await doctor.run((client) => client.end());
      await person.until('end', ({ patient: it }) => it?.visit?.state.type === 'ended');
      await doctor.until('free', ({ practitioner: it }) => it?.consultation === null);
    }
    expect(codes.size).toBe(3);
  });
});

describe('a link that does not work', () => {
  it.each([
    ['#w=nothing', 'token_invalid'],
    ['#j=nothing', 'token_invalid'],
    ['', 'no_link'],
  ])('%j is refused with %s', async (hash, code) => {
    const stranger = await world.person(`${world.ready.url}/visit${hash}`);
    await stranger.until('refusal', ({ status }) => status === 'refused');
    expect((await stranger.state()).problem).toEqual({ code, retryable: false });
  });

  it('is refused on a second device, once the first has used it', async () => {
    const other = await world.person(world.ready.practitioner_link);
    await other.until('refusal', ({ status }) => status === 'refused');
    expect((await other.state()).problem?.code).toBe('token_used');
  });
});
