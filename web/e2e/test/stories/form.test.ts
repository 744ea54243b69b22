import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { admit, enterWaitingRoom, meetEachOther, rowOf } from '../../src/steps.ts';
import { inWorld, type World } from '../../src/world.ts';

const FORM = {
  questions: [
    {
      code: 'chest-pain',
      texts: { en: 'Does your chest hurt?' },
      kind: { type: 'yes_no' },
      required: true,
      red_flags: [{ is: 'yes' }],
    },
    {
      code: 'since',
      texts: { en: 'Since when?' },
      kind: { type: 'short_text', max_chars: 100 },
    },
  ],
};

const built_in = (requires: object) => ({ requires, opened_by: { who: 'built_in' } });

/** A clinic whose only service asks before it takes anybody in. */
const CLINIC = {
  services: [
    {
      name: 'General practice',
      form: FORM,
      gates: [
        built_in({ gate: 'emergency_screen' }),
        built_in({ gate: 'symptom_form' }),
        built_in({ gate: 'consent', version: '2026-01' }),
        built_in({ gate: 'device_check' }),
      ],
    },
  ],
};

function clinicFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vestibule-clinic-')), 'clinic.json');
  writeFileSync(file, JSON.stringify(CLINIC));
  return file;
}

async function choose({ page }: Participant, answer: 'Yes' | 'No'): Promise<void> {
  const question = page.getByRole('group', { name: /^Does your chest hurt\?/ });
  await question.getByRole('radio', { name: answer }).check();
}

/** The first patient answers and consents, and the practitioner reads it before seeing them. */
async function isSeen(practitioner: Participant, patient: Participant): Promise<void> {
  await enterWaitingRoom(patient);
  const row = rowOf(practitioner, 'patientA');
  await row.getByText('Still missing: form and consent').waitFor();
  expect(await row.getByRole('button', { name: /^Admit/ }).isDisabled()).toBe(true);
  await choose(patient, 'No');
  await patient.fill('Since when?', 'Since Saturday');
  await patient.press('Send my answers');
  await patient.reads('Your answers have reached the clinic.');
  await patient.press('Yes, I consent');
  await patient.reads('Everything is ready. Please stay on this page.');
  await row.getByText('Answers of the patient').click();
  await row.getByText('Since Saturday').waitFor();
  await row.getByText(/^Consent given at/).waitFor();
  await admit(practitioner, 'patientA');
  await meetEachOther(patient, practitioner);
  await practitioner.page.getByText('Since Saturday').waitFor();
}

/** The second has no network when an answer means an emergency. */
async function isToldToCall(
  world: World,
  practitioner: Participant,
  patient: Participant,
): Promise<void> {
  await enterWaitingRoom(patient);
  const row = rowOf(practitioner, 'patientB');
  await row.waitFor();
  world.hostOf(patient).linkDown();
  await choose(patient, 'Yes');
  await patient.reads('This can be an emergency');
  await patient.press('It is so: stop here');
  await patient.isAt('Call 112 now');
  expect(await patient.page.getByRole('link', { name: 'Call 112' }).isVisible()).toBe(true);
  expect(await row.isVisible()).toBe(true);
  world.hostOf(patient).linkUp();
  await row.waitFor({ state: 'detached' });
  await patient.isAt('Call 112 now');
}

it(
  'a practitioner reads the answers before the consultation, and a red flag shows 112 without a network',
  inWorld({ network: true, args: ['--clinic', clinicFile()] }, async (world) => {
    const [practitioner, first, second] = await Promise.all([
      world.practitioner(),
      world.patient('patientA'),
      world.patient('patientB'),
    ]);
    await isToldToCall(world, practitioner, second);
    await isSeen(practitioner, first);
  }),
);
