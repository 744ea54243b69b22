import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { CAST } from '../../src/cast.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import {
  admit,
  consult,
  end,
  enterWaitingRoom,
  meetEachOther,
  rowOf,
  safetyCode,
} from '../../src/steps.ts';
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

/** The visit of a patient, as their page was told. */
function visitOf(patient: Participant): string {
  const told = patient.wire.told('patient').map(({ visit }) => visit?.visit);
  const visit = told.find((it) => it !== undefined);
  if (visit === undefined) throw new Error(`${patient.name} has no visit`);
  return visit;
}

/** Chooses a reason, and admits, as whoever has no mouse. */
async function chooseByKeyboard(dialog: Locator, reason: string): Promise<void> {
  const { keyboard } = dialog.page();
  const chosen = dialog.getByRole('radio', { name: reason, checked: true });
  const first = dialog.getByRole('radio').first();
  await first.and(dialog.page().locator(':focus')).waitFor();
  const radios = await dialog.getByRole('radio').count();
  for (let tried = 0; tried < radios && !(await chosen.isVisible()); tried += 1) {
    await keyboard.press('ArrowDown');
  }
  await chosen.waitFor();
  const admits = dialog.getByRole('button', { name: 'Admit' });
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await admits.and(dialog.page().locator(':focus')).press('Enter');
  await dialog.waitFor({ state: 'detached' });
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
    'whoever admits the second is asked why, whoever admits the next is not, and the log tells both of them',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      const first = await world.patient('patientA');
      await enterWaitingRoom(first);
      const second = await world.patient('patientB');
      await enterWaitingRoom(second, 'A form to sign');
      await rowOf(practitioner, 'patientB').getByText('Ready').waitFor();
      const { page } = practitioner;
      const button = practitioner.button(`Admit ${second.name}`);
      const dialog = page.getByRole('dialog', { name: `Admit ${second.name} before others?` });
      await button.press('Enter');
      await dialog.getByText('1 patient before is ready to be seen.').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      // Whoever reads the list by the keyboard goes on where they were.
      await button.and(page.locator(':focus')).press('Enter');
      await chooseByKeyboard(dialog, 'It takes only a moment');
      await meetEachOther(second, practitioner);

      const [ofFirst, ofSecond] = await Promise.all([
        world.server.explain(visitOf(first)),
        world.server.explain(visitOf(second)),
      ]);
      expect(ofSecond).toContain('It was seen before 1 other in its waiting room');
      const why = 'for a matter that takes little time (`quick_matter`)';
      expect(ofSecond).toContain(why);
      expect(ofFirst).toContain('which came later, was seen before it, because');
      expect(ofFirst).toContain(why);

      await end(practitioner);
      await practitioner.isAt('Waiting room');
      await admit(practitioner, 'patientA');
      await meetEachOther(first, practitioner);
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
