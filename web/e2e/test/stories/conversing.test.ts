import { expect, it } from 'vitest';
import { compareCodes, muteInTurn, stopCamerasInTurn } from '../../src/acts.ts';
import { consult, openChat, readsMessage, write } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

it(
  'both see and hear each other, and nobody else',
  inWorld({}, async (world) => {
    const since = Date.now();
    const { patient, practitioner } = await consult(world);
    for (const stranger of ['patientB', 'patientC'] as const) {
      expect(patient.probe.hasHeard(stranger, since)).toBe(false);
      expect(practitioner.probe.framesOf(stranger, since)).toEqual([]);
    }
    // Nobody hears themselves.
    expect(patient.probe.hasHeard('patientA', since)).toBe(false);
    expect(practitioner.probe.hasHeard('practitioner', since)).toBe(false);
  }),
);

it(
  'both read the same safety code',
  inWorld({}, async (world) => compareCodes(await consult(world))),
);

it(
  'both can mute themselves and speak again',
  inWorld({}, async (world) => muteInTurn(await consult(world))),
);

it(
  'both can stop the camera, which is released, and start it again',
  inWorld({}, async (world) => stopCamerasInTurn(await consult(world))),
);

it(
  'the practitioner reads that there is sound only, until there is a picture again',
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    const remark = practitioner.page.getByText(/Sound only since \d\d:\d\d/);
    await patient.switch('Camera').click();
    await remark.waitFor();
    await patient.switch('Camera').click();
    await remark.waitFor({ state: 'detached' });
  }),
);

it(
  'both write to each other, and the server carries no readable word of it',
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    await openChat(patient);
    await openChat(practitioner);
    await write(patient, 'Here is the name of my medicine');
    await readsMessage(practitioner, 'Here is the name of my medicine');
    await write(practitioner, 'Twice a day is enough');
    await readsMessage(patient, 'Twice a day is enough');

    const frames = JSON.stringify([patient.wire.asked('send'), practitioner.wire.told('log')]);
    expect(frames).toContain('message');
    for (const encode of ['utf8', 'base64'] as const) {
      expect(frames).not.toContain(Buffer.from('medicine').toString(encode).slice(0, 10));
    }
  }),
);
