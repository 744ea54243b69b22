import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { CAST } from '../../src/cast.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { admit, consult, meetEachOther, safetyCode } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

const COLLEAGUE = CAST.patientB.name;
const TWO = ['--practitioner-name', CAST.practitioner.name, '--practitioner-name', COLLEAGUE];

/** Both read the same code, and another than before. */
async function newCode(one: Participant, other: Participant, before: string): Promise<void> {
  const within = { timeout: MEDIA_MS };
  await expect.poll(() => safetyCode(one), within).not.toBe(before);
  const code = await safetyCode(one);
  await expect.poll(() => safetyCode(other), within).toBe(code);
}

describe('at the desk', () => {
  it(
    'a patient is handed on to a colleague: the same page, picture and sound, and another code',
    inWorld({ args: TWO }, async (world) => {
      const { patient, practitioner } = await consult(world);
      const code = await safetyCode(patient);
      const load = await patient.load();
      await practitioner.press('End consultation');
      await practitioner.page.getByLabel('Hand on to').selectOption({ label: COLLEAGUE });
      await practitioner.press('Hand on');
      await patient.isAt('You are next');
      await patient.reads(`You are handed on to ${COLLEAGUE}.`);
      await practitioner.reads('Handed on');
      await patient.probe.noLongerSees('practitioner');

      const colleague = await world.colleague('patientB');
      await admit(colleague, 'patientA');
      await meetEachOther(patient, colleague);
      await newCode(patient, colleague, code);
      expect(await patient.load()).toBe(load);
    }),
  );

  it(
    'a consultation is put on hold, and goes on with a new code',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const code = await safetyCode(patient);
      await practitioner.press('End consultation');
      await practitioner.press('Put on hold');
      await patient.isAt('One moment, please');
      await patient.reads('Your place is kept.');
      await practitioner.isAt('Waiting room');
      await practitioner.press(`Go on with ${patient.name}`);
      await meetEachOther(patient, practitioner);
      await newCode(patient, practitioner, code);
    }),
  );
});
