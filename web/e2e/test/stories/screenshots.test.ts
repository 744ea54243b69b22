/** Pictures of the product itself in every state that it can be led to; the others are the pages' own. */
import { it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { capture } from '../../src/screenshots.ts';
import {
  admit,
  end,
  enterWaitingRoom,
  hasPlace,
  introduceOneself,
  meetEachOther,
  openChat,
  readsMessage,
  rowOf,
  safetyCode,
  write,
} from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

const shot = ({ page }: Participant, name: string) => capture(page, name);

it(
  'the way of a patient and of the practitioner',
  inWorld({}, async (world) => {
    const practitioner = await world.practitioner();
    await practitioner.reads('Nobody is waiting');
    await shot(practitioner, 'console-empty');

    const patient = await world.patient('patientA');
    await patient.isAt('Welcome');
    await shot(patient, 'patient-welcome');
    await patient.press('Continue');
    await patient.reads('Please enter your name.');
    await shot(patient, 'patient-welcome-mistake');
    await introduceOneself(patient);
    await patient.probe.sees('patientA');
    await shot(patient, 'patient-check');
    await patient.press('Enter the waiting room');
    await hasPlace(patient, 1);
    await shot(patient, 'patient-waiting-next');
    await patient.press('Leave the waiting room');
    await shot(patient, 'patient-waiting-leave');
    await patient.press('No, stay');

    const second = await world.patient('patientB');
    await enterWaitingRoom(second, 'A rash on the left arm, for three days');
    await shot(second, 'patient-waiting-second');
    await shot(practitioner, 'console-waiting');
    await practitioner.press('Decline Bram Peeters');
    await shot(practitioner, 'console-decline');
    await practitioner.press('Cancel');

    await admit(practitioner, 'patientA');
    await meetEachOther(patient, practitioner);
    await safetyCode(patient);
    await safetyCode(practitioner);
    await shot(patient, 'consultation-patient-code');
    await shot(practitioner, 'consultation-practitioner-code');
    await patient.press('It is the same');
    await practitioner.press('It is the same');
    await shot(patient, 'consultation-patient');
    await shot(practitioner, 'consultation-practitioner');

    await openChat(practitioner);
    await write(practitioner, 'Twice a day, after a meal.');
    await openChat(patient);
    await readsMessage(patient, 'Twice a day, after a meal.');
    await write(patient, 'Thank you. For how long?');
    await readsMessage(practitioner, 'Thank you. For how long?');
    await shot(patient, 'consultation-patient-chat');
    await shot(practitioner, 'consultation-practitioner-chat');

    await patient.press('Chat');
    await patient.switch('Camera').click();
    await patient.switch('Microphone').click();
    await practitioner.reads('Awa Diallo has turned the camera off');
    await shot(patient, 'consultation-patient-off');
    await shot(practitioner, 'consultation-practitioner-other-off');
    await patient.press(/^Safety code/);
    await shot(patient, 'consultation-safety');
    await patient.page.keyboard.press('Escape');
    await patient.press('Leave');
    await shot(patient, 'consultation-leave');
    await patient.press('No, stay');

    await end(practitioner);
    await patient.isAt('The consultation is over');
    await shot(patient, 'patient-ended');
    await practitioner.reads('Last consultation');
    await shot(practitioner, 'console-after');

    await practitioner.press('Decline Bram Peeters');
    await practitioner.page.getByLabel('Needs emergency care').check();
    await practitioner.press('Decline the visit');
    await second.isAt('Call 112 now');
    await shot(second, 'patient-declined-emergency');
  }),
);

it(
  'the pages when something is lost',
  inWorld({}, async (world) => {
    const [practitioner, patient] = await Promise.all([
      world.practitioner(),
      world.patient('patientA'),
    ]);
    await enterWaitingRoom(patient);
    await rowOf(practitioner, 'patientA').waitFor();
    await world.server.killSignaling();
    await patient.reads('Your place is kept. Reconnecting…');
    await shot(patient, 'patient-waiting-lost');
    await practitioner.reads('The list may be out of date until the connection is back.');
    await shot(practitioner, 'console-lost');
    await world.server.start();

    await rowOf(practitioner, 'patientA').getByText('Ready').waitFor();
    await patient.page.close();
    await rowOf(practitioner, 'patientA').getByText('Connection lost').waitFor();
    await shot(practitioner, 'console-patient-away');

    const other = await world.patient('patientB');
    const second = await other.context.newPage();
    await enterWaitingRoom(other);
    await second.goto(`${world.server.url}/visit`);
    await other.isAt('This page is open elsewhere');
    await shot(other, 'replaced');
    await other.page.goto(`${world.server.url}/visit#w=nonsense`);
    await other.page.reload();
    await other.isAt('This link is not valid');
    await shot(other, 'link-invalid');
    await other.page.goto(world.server.url);
    await shot(other, 'home');
  }),
);

it(
  'in French',
  inWorld({}, async (world) => {
    const patient = await world.patient('patientA', { locale: 'fr-BE' });
    await patient.page.getByRole('heading', { level: 1 }).waitFor();
    await shot(patient, 'patient-welcome-french');
    const practitioner = await world.practitioner({ locale: 'fr-BE' });
    await practitioner.page.getByRole('heading', { level: 1 }).waitFor();
    await shot(practitioner, 'console-empty-french');
  }),
);
