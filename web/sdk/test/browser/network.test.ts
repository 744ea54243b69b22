import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World, type Person } from './world.ts';

const world = new World();
let doctor: Person;
let patient: Person;

beforeAll(async () => {
  await world.start({ relayed: true });
  doctor = await world.person(world.ready.practitioner_link);
  patient = await world.person(world.ready.patient_link);
  for (const person of [doctor, patient]) {
    await person.until('online', ({ status }) => status === 'online');
    await person.run((client) => client.startMedia());
    await person.watch();
  }
  await patient.run((client) => client.arrive({ name: 'Ada', reason: '' }));
  await doctor.until('row', ({ practitioner: it }) => it?.waiting[0]?.connected === true);
  await doctor.run((client) => client.admit(client.state.practitioner?.waiting[0]?.visit ?? ''));
  await Promise.all([doctor.seesMore(), patient.seesMore()]);
});
afterAll(() => world.stop());

/** Which connections there are, and how often ICE of the last was begun. */
function made(person: Person): Promise<{ connections: number; credentials: string }> {
  return person.page.evaluate(() => ({
    connections: window.connections.length,
    credentials:
      /ice-ufrag:(\S+)/.exec(window.connections.at(-1)?.localDescription?.sdp ?? '')?.[1] ?? '',
  }));
}

describe('a network that is lost', () => {
  it('for twenty seconds is found again by an ICE restart of the same connection', async () => {
    const before = await made(patient);
    for (const person of [doctor, patient]) await person.network(false);
    world.relay?.cut();
    for (const person of [doctor, patient]) {
      await person.until('lost', ({ consultation: it }) => it?.media === 'interrupted');
    }
    await new Promise((resolve) => setTimeout(resolve, 14_000));
    world.relay?.move();
    for (const person of [doctor, patient]) await person.network(true);
    await Promise.all([doctor.seesMore(), patient.seesMore()]);
    const after = await made(patient);
    expect(after.connections).toBe(before.connections);
    expect(after.credentials).not.toBe(before.credentials);
    await patient.until('back', ({ status }) => status === 'online');
    await patient.run((client) => client.sendChat('Here again'));
    await doctor.until('chat', ({ consultation: it }) => it?.chat.at(-1)?.text === 'Here again');
  });

  it('for media alone comes back too', async () => {
    world.relay?.cut();
    await patient.until('lost', ({ consultation: it }) => it?.media === 'interrupted');
    world.relay?.mend();
    await Promise.all([doctor.seesMore(), patient.seesMore()]);
    await patient.until('back', ({ consultation: it }) => it?.media === 'connected');
  });
});
