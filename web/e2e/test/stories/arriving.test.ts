import { describe, expect, it } from 'vitest';
import { report } from '../../src/figures.ts';
import {
  admit,
  enterWaitingRoom,
  hasPlace,
  introduceOneself,
  meetEachOther,
  REASON,
  rowOf,
  tryDevices,
} from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

describe('a patient', () => {
  it(
    'gives a name and a reason, tries camera, microphone and speaker, and gets a place',
    inWorld({}, async (world) => {
      const patient = await world.patient('patientA');
      await patient.isAt('Welcome');
      await introduceOneself(patient);
      await tryDevices(patient);
      await patient.press('Enter the waiting room');
      await hasPlace(patient, 1);
      await patient.reads('Your place is kept.');
      await patient.probe.sees('patientA');
    }),
  );

  it(
    'is asked for a name, and keeps what was typed when going back',
    inWorld({}, async (world) => {
      const patient = await world.patient('patientA');
      await patient.press('Continue');
      await patient.reads('Please enter your name.');
      await introduceOneself(patient);
      await patient.press('Back');
      expect(await patient.page.getByLabel('Your name').inputValue()).toBe(patient.name);
      expect(await patient.page.getByLabel('Reason for your visit').inputValue()).toBe(REASON);
    }),
  );
});

describe('the practitioner', () => {
  it(
    'sees at once who waits, why and how long, and admits by one click',
    inWorld({}, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientA'),
      ]);
      await practitioner.reads('Nobody is waiting');
      await introduceOneself(patient);
      const row = rowOf(practitioner, 'patientA');
      const shown = row.waitFor().then(() => Date.now());
      const entered = Date.now();
      await patient.press('Enter the waiting room');
      report('shown in the console after the patient’s click', (await shown) - entered);

      await row.getByText(REASON).waitFor();
      await row.getByText('Ready').waitFor();
      await row.getByText(/^Waiting for \d/).waitFor();
      expect(await row.locator('time').getAttribute('datetime')).toMatch(/^PT/);

      const clicked = Date.now();
      await admit(practitioner, 'patientA');
      await Promise.all([
        practitioner.probe.sees('patientA', { count: 1 }),
        patient.probe.sees('practitioner', { count: 1 }),
      ]);
      report('both see each other after the click on Admit', Date.now() - clicked);
      await meetEachOther(patient, practitioner);
    }),
  );

  it(
    'sees nobody before admitting, and is not seen',
    inWorld({}, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientA'),
      ]);
      const since = Date.now();
      await enterWaitingRoom(patient);
      // Each has seen only their own picture, for as long as it takes to show that.
      await patient.probe.sees('patientA', { count: 20 });
      expect(patient.probe.framesOf('practitioner', since)).toEqual([]);
      expect(practitioner.probe.framesOf('patientA', since)).toEqual([]);
      expect(patient.probe.hasHeard('practitioner', since)).toBe(false);
      expect(practitioner.probe.hasHeard('patientA', since)).toBe(false);
    }),
  );
});
