import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { CAST } from '../../src/cast.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { admit, consult, enterWaitingRoom, meetEachOther, safetyCode } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

const COLLEAGUE = CAST.patientC.name;
const TWO = ['--practitioner-name', CAST.practitioner.name, '--practitioner-name', COLLEAGUE];

/** Makes a link for an interpreter in the part of the page that is open. */
async function linkForAnInterpreter({ page }: Participant): Promise<string> {
  await page.getByLabel('Whom do you invite?').selectOption({ label: 'An interpreter' });
  await page.getByRole('button', { name: 'Make a link', exact: true }).click();
  return page.getByLabel('The link, for one person').inputValue();
}

/** Says who they are, and comes in. */
async function introduce(companion: Participant): Promise<void> {
  await companion.isAt('You are invited');
  await companion.reads('You come to a video consultation as interpreter.');
  await companion.fill('Your name', companion.name);
  await companion.press('Continue');
  const start = companion.button('Turn on camera and microphone');
  const ready = companion.button('Enter the waiting room');
  await start.or(ready).first().waitFor();
  if (await start.isVisible()) await start.click();
  await ready.click();
}

/** Asks the colleague, without a link, in the part of the page that is open. */
async function ask(practitioner: Participant): Promise<void> {
  const whom = practitioner.page.getByLabel('Whom do you invite?');
  await whom.selectOption({ label: COLLEAGUE });
  await practitioner.press('Ask to join');
}

/** The page, beside the console, in which a colleague who was asked takes part. */
async function joinIn(colleague: Participant, practitioner: Participant): Promise<Page> {
  const opened = colleague.context.waitForEvent('page');
  await colleague.press(`Join ${practitioner.name}`);
  const tab = await opened;
  const start = tab.getByRole('button', { name: 'Turn on camera and microphone' });
  const ready = tab.getByRole('button', { name: /^Enter the waiting room/ });
  await start.or(ready).first().waitFor();
  if (await start.isVisible()) await start.click();
  await ready.click();
  await tab.getByRole('button', { name: /^Safety code \d{3} \d{3}$/ }).waitFor();
  return tab;
}

async function everybodyMeets(people: readonly Participant[]): Promise<void> {
  const pairs = people.flatMap((one, index) =>
    people.slice(index + 1).map((other) => meetEachOther(one, other)),
  );
  await Promise.all(pairs);
}

/** All read one and the same code, and another than before. */
async function newCode(people: readonly Participant[], before: string): Promise<string> {
  let code = before;
  const agreed = async () => {
    const codes = await Promise.all(people.map(safetyCode));
    code = codes[0] ?? before;
    // Who joins may have it change more than once, so that what one read first need not be what the others come to.
    return code !== before && codes.every((other) => other === code);
  };
  await expect.poll(agreed, { timeout: MEDIA_MS }).toBe(true);
  return code;
}

describe('whoever comes along', () => {
  it(
    'm08 waits with the patient, and all three see and hear one another with one safety code',
    inWorld({}, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientA'),
      ]);
      await enterWaitingRoom(patient);
      await patient.page.getByText('Who comes along').click();
      const interpreter = await world.companion('patientB', await linkForAnInterpreter(patient));
      await introduce(interpreter);
      await interpreter.isAt(`You are waiting with ${patient.name}`);
      await practitioner.reads(`With ${interpreter.name} (interpreter)`);
      await admit(practitioner, 'patientA');
      const people = [patient, practitioner, interpreter];
      await everybodyMeets(people);
      await newCode(people, '');
      // The practitioner's page shows the patient large and the interpreter small.
      const { wire } = practitioner;
      const pictures = () =>
        wire
          .asked('watch')
          .at(-1)
          ?.pictures.map(({ layers }) => layers);
      await wire.until(MEDIA_MS, 'a small picture', () => pictures()?.join() === '1');
    }),
  );

  it(
    'm08 is a colleague who was asked in the console, and who sees nobody else meanwhile',
    inWorld({ args: TWO }, async (world) => {
      const { patient, practitioner } = await consult(world);
      // Nobody's picture is looked at, and three at four browsers are more than two slow cores can make and show.
      for (const one of [patient, practitioner]) await one.switch('Camera').click();
      const colleague = await world.colleague('patientC');
      await practitioner.press('Who comes along, and invite somebody');
      await ask(practitioner);
      await colleague.press(`Decline: ${practitioner.name}`);
      await practitioner.reads(`Declined to join: ${COLLEAGUE}`);
      await practitioner.press('Ask to join');
      await joinIn(colleague, practitioner);
      await colleague.reads('You joined');
      const guest = await colleague.context.newPage();
      await guest.goto(await linkForAnInterpreter(practitioner));
      await guest.getByText('A practitioner is signed in in this browser.').waitFor();
      await guest.close();

      const next = await world.patient('patientB');
      await enterWaitingRoom(next);
      await admit(colleague, 'patientB');
      await colleague.reads('You are in a consultation. End or leave it first.');
    }),
  );

  it(
    'm08 was away for too long and sees somebody else, and leaves for good from the page that says so',
    inWorld({ args: [...TWO, '--grace-seconds', '3'] }, async (world) => {
      const { patient, practitioner } = await consult(world);
      const alone = await safetyCode(patient);
      // Two consultations with pictures are more than two slow cores can make and show.
      for (const one of [patient, practitioner]) await one.switch('Camera').click();
      const colleague = await world.colleague('patientC');
      await practitioner.press('Who comes along, and invite somebody');
      await ask(practitioner);
      const tab = await joinIn(colleague, practitioner);
      const together = await newCode([patient, practitioner], alone);
      const place = tab.url();
      await tab.close();
      await newCode([patient, practitioner], together);
      const next = await world.patient('patientB');
      await enterWaitingRoom(next);
      await admit(colleague, 'patientB');
      await meetEachOther(next, colleague);
      for (const one of [next, colleague]) await one.switch('Camera').click();

      const back = await colleague.context.newPage();
      await back.goto(place);
      await back.getByRole('heading', { name: 'You were away for a while' }).waitFor();
      const kept = practitioner.button(`Show out ${COLLEAGUE}`);
      await kept.waitFor();
      await back.getByRole('button', { name: 'Leave' }).click();
      const dialog = back.getByRole('dialog', { name: 'Leave?' });
      await dialog.getByRole('button', { name: 'Yes, leave' }).click();
      await back.getByRole('heading', { name: 'You have left' }).waitFor();
      await kept.waitFor({ state: 'detached' });
    }),
  );

  it(
    'm08 joins later, and the code changes when they come and when they are shown out',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const alone = await safetyCode(patient);
      await practitioner.press('Who comes along, and invite somebody');
      const link = await linkForAnInterpreter(practitioner);
      await practitioner.page.keyboard.press('Escape');
      const interpreter = await world.companion('patientB', link, { viewport: 'phone' });
      await introduce(interpreter);
      await everybodyMeets([interpreter, patient, practitioner]);
      const together = await newCode([patient, practitioner, interpreter], alone);

      await practitioner.press('Who comes along, and invite somebody');
      await practitioner.press(`Show out ${interpreter.name}`);
      await interpreter.isAt('You are not invited any more');
      await patient.probe.noLongerSees(interpreter.who);
      await practitioner.page.keyboard.press('Escape');
      await newCode([patient, practitioner], together);
      await expect.poll(() => interpreter.camerasInUse()).toBe(0);
    }),
  );
});
