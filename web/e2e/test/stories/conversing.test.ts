import { expect, it } from 'vitest';
import { consult, openChat, readsMessage, safetyCode, write } from '../../src/steps.ts';
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
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    const code = await safetyCode(patient);
    expect(code).toMatch(/^\d{6}$/);
    expect(await safetyCode(practitioner)).toBe(code);
    for (const participant of [patient, practitioner]) {
      await participant.press('It is the same');
      await participant.press(/^Safety code/);
      await participant.reads('Compared: it is the same.');
    }
    const long = [patient, practitioner].map(async ({ page }) => {
      await page.getByText('The long code, for those who want to compare more').click();
      return page.getByText(/^(\d{5}\s?){6}$/).textContent();
    });
    const [one, other] = await Promise.all(long);
    expect(one).toBe(other);
  }),
);

it(
  'both can mute themselves and speak again',
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    for (const [speaker, listener] of [
      [patient, practitioner],
      [practitioner, patient],
    ] as const) {
      await speaker.switch('Microphone').click();
      await listener.probe.noLongerHears(speaker.who);
      await listener.reads(`${speaker.name} has turned the microphone off`);
      await listener.probe.sees(speaker.who);
      await speaker.switch('Microphone').click();
      await listener.probe.hears(speaker.who);
    }
  }),
);

it(
  'both can stop the camera, which is released, and start it again',
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    for (const [shown, viewer] of [
      [patient, practitioner],
      [practitioner, patient],
    ] as const) {
      await shown.switch('Camera').click();
      await viewer.probe.noLongerSees(shown.who);
      await viewer.reads(`${shown.name} has turned the camera off`);
      await expect.poll(() => shown.camerasInUse()).toBe(0);
      await viewer.probe.hears(shown.who);
      await shown.switch('Camera').click();
      await viewer.probe.sees(shown.who);
    }
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
