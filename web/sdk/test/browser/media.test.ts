import { afterEach, describe, expect, it } from 'vitest';
import { World, type Devices, type Person } from './world.ts';

let world: World;
let patient: Person;

async function open(devices: Devices): Promise<void> {
  world = new World();
  await world.start({ devices });
  patient = await world.person(world.ready.patient_link);
  await patient.until('online', ({ status }) => status === 'online');
}
afterEach(() => world.stop());

describe('camera and microphone', () => {
  it('are there, are heard, and are let go of', async () => {
    await open('fake');
    expect((await patient.state()).media.state).toBe('idle');
    await patient.run((client) => client.startMedia());
    const { media } = await patient.state();
    expect(media).toMatchObject({ state: 'ready', microphone: true, camera: true });
    const chosen = media.devices.filter((device) => device.chosen).map(({ kind }) => kind);
    expect(chosen.sort()).toEqual(['camera', 'microphone', 'speaker']);
    await patient.page.waitForFunction(() => window.client.microphoneLevel() > 0.3);
    await patient.run((client) => client.testSpeaker());

    await patient.run((client) => client.setMicrophone(false));
    expect(await patient.run((client) => client.microphoneLevel())).toBe(0);
    const track = await patient.page.evaluateHandle(
      () => window.client.state.media.stream?.getVideoTracks()[0],
    );
    await patient.run((client) => client.setCamera(false));
    expect(await track.evaluate((it) => it?.readyState)).toBe('ended');
    expect((await patient.state()).media).toMatchObject({ microphone: false, camera: false });

    await patient.run((client) => client.setCamera(true));
    const other = media.devices.find(({ kind, chosen: is }) => kind === 'microphone' && !is);
    await patient.page.evaluate(
      (id) => window.client.chooseDevice('microphone', id),
      other?.id ?? '',
    );
    const after = (await patient.state()).media;
    expect(
      after.devices.find(({ id, kind }) => kind === 'microphone' && id === other?.id)?.chosen,
    ).toBe(true);
    expect(after).toMatchObject({ microphone: false, camera: true });
  });

  it('that is chosen and is gone leaves the former', async () => {
    await open('fake');
    await patient.run((client) => client.startMedia());
    const gone = patient.run((client) => client.chooseDevice('camera', 'gone'));
    await expect(gone).rejects.toThrow('media');
    expect((await patient.state()).media).toMatchObject({ microphone: true, camera: true });
    await patient.run((client) => client.setCamera(false));
    await patient.run((client) => client.chooseDevice('camera', 'gone'));
    await patient.run((client) => client.setCamera(true));
    expect((await patient.state()).media).toMatchObject({ state: 'ready', camera: true });
  });

  it.each([
    ['denied', 'denied'],
    ['none', 'missing'],
  ] as const)('that are %s are told as %s', async (devices, state) => {
    await open(devices);
    await patient.run((client) => client.startMedia());
    expect((await patient.state()).media).toMatchObject({ state, stream: null });
    await expect(patient.run((client) => client.setCamera(true))).rejects.toThrow('media');
  });
});
