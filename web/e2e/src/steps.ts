/** What people do at the pages, in the words that they read there. */
import type { Locator } from 'playwright-core';
import type { Participant, ParticipantOptions } from './browser.ts';
import { CAST, type Who } from './cast.ts';
import type { World } from './world.ts';

type Patient = Exclude<Who, 'practitioner'>;

export const REASON = 'A cough that does not go away';

/** Gives name and reason, and comes to the check of camera and sound. */
export async function introduceOneself(patient: Participant, reason = REASON): Promise<void> {
  await patient.fill('Your name', patient.name);
  await patient.fill('Reason for your visit', reason);
  await patient.press('Continue');
  await patient.isAt('Check your camera and sound');
  const start = patient.button('Turn on camera and microphone');
  const ready = patient.button('Enter the waiting room');
  await start.or(ready).first().waitFor();
  if (await start.isVisible()) await start.click();
  await ready.waitFor();
}

/** Resolves when the meter shows that the microphone hears something. */
async function meterMoves(participant: Participant): Promise<void> {
  await participant.page.waitForFunction(() => {
    const meter = document.querySelector('[role=meter]');
    return Number(meter?.getAttribute('aria-valuenow')) > 5;
  });
}

/** Sees oneself, sees the microphone's level, and hears the speaker. */
export async function tryDevices(patient: Participant): Promise<void> {
  await patient.probe.sees(patient.who);
  await meterMoves(patient);
  await patient.press('Play a test sound');
  await patient.playsSound();
  await patient.reads('Turn up the volume until you hear it well.');
}

/** From the open link into the waiting room. */
export async function enterWaitingRoom(patient: Participant, reason = REASON): Promise<void> {
  await introduceOneself(patient, reason);
  await patient.press('Enter the waiting room');
  await patient.isAt(/^You are (next|number \d+)$/);
}

/** Resolves when the patient's page shows this place. */
export async function hasPlace(patient: Participant, place: number): Promise<void> {
  await patient.isAt(place === 1 ? 'You are next' : `You are number ${place}`);
}

/** The row of a patient in the practitioner's console. */
export function rowOf(practitioner: Participant, who: Patient): Locator {
  return practitioner.page.getByRole('listitem').filter({ hasText: CAST[who].name });
}

export async function admit(practitioner: Participant, who: Patient): Promise<void> {
  await practitioner.press(`Admit ${CAST[who].name}`);
}

/** Resolves when each sees the other's picture advance and hears the other's voice. */
export async function meetEachOther(one: Participant, other: Participant): Promise<void> {
  await Promise.all([one.probe.sees(other.who), other.probe.sees(one.who)]);
  await Promise.all([one.probe.hears(other.who), other.probe.hears(one.who)]);
}

/** Who talk to each other. */
export interface Pair {
  readonly patient: Participant;
  readonly practitioner: Participant;
}

/** A practitioner and a patient in a consultation, seeing and hearing each other. */
export async function consult(world: World, options: ParticipantOptions = {}): Promise<Pair> {
  const [practitioner, patient] = await Promise.all([
    world.practitioner(options),
    world.patient('patientA', options),
  ]);
  await enterWaitingRoom(patient);
  await admit(practitioner, 'patientA');
  await meetEachOther(patient, practitioner);
  return { patient, practitioner };
}

/** The six digits that are shown, once there are any. */
export async function safetyCode(participant: Participant): Promise<string> {
  const chip = participant.button(/^Safety code \d{3} \d{3}$/);
  const label = await chip.getAttribute('aria-label');
  return label?.replace(/\D/g, '') ?? '';
}

export async function leave(patient: Participant): Promise<void> {
  await patient.press('Leave');
  await patient.press('Yes, leave');
}

export async function end(practitioner: Participant): Promise<void> {
  await practitioner.press('End consultation');
  await practitioner.press('End now');
}

export async function openChat(participant: Participant): Promise<void> {
  await participant.press('Chat');
  await participant.page.getByRole('log', { name: 'Messages' }).waitFor();
}

/** Writes in the chat, which is open, and waits until it was sent. */
export async function write(participant: Participant, text: string): Promise<void> {
  const field = participant.page.getByLabel('Your message');
  await field.fill(text);
  await field.press('Enter');
}

/** Resolves when the chat, which is open, shows this text. */
export async function readsMessage(participant: Participant, text: string): Promise<void> {
  await participant.page.getByRole('log', { name: 'Messages' }).getByText(text).waitFor();
}
