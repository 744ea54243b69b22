/** What two people do who are in a consultation, and what must come of it. */
import { expect } from 'vitest';
import type { Participant } from './browser.ts';
import { openChat, type Pair, readsMessage, safetyCode, write } from './steps.ts';

/** Each in turn with the other. */
export function inTurn({ patient, practitioner }: Pair): readonly [Participant, Participant][] {
  return [
    [patient, practitioner],
    [practitioner, patient],
  ];
}

/** Both read the same six digits, and say so; the long code is the same too. */
export async function compareCodes({ patient, practitioner }: Pair): Promise<void> {
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
  for (const { page } of [patient, practitioner]) await page.keyboard.press('Escape');
}

/** Each mutes the microphone, is not heard, and is heard again. */
export async function muteInTurn(pair: Pair): Promise<void> {
  for (const [speaker, listener] of inTurn(pair)) {
    await speaker.switch('Microphone').click();
    await listener.probe.noLongerHears(speaker.who);
    await listener.reads(`${speaker.name} has turned the microphone off`);
    await listener.probe.sees(speaker.who);
    await speaker.switch('Microphone').click();
    await listener.probe.hears(speaker.who);
  }
}

/** Each stops the camera, which is released, is not seen, and is seen again. */
export async function stopCamerasInTurn(pair: Pair): Promise<void> {
  for (const [shown, viewer] of inTurn(pair)) {
    await shown.switch('Camera').click();
    await viewer.probe.noLongerSees(shown.who);
    await viewer.reads(`${shown.name} has turned the camera off`);
    await expect.poll(() => shown.camerasInUse()).toBe(0);
    await viewer.probe.hears(shown.who);
    await shown.switch('Camera').click();
    await viewer.probe.sees(shown.who);
  }
}

/** How many messages were written, so that no two are the same. */
let written = 0;

/** Each writes, and the other reads it. */
export async function writeInTurn(pair: Pair): Promise<void> {
  for (const [, participant] of inTurn(pair)) {
    if (!(await participant.page.getByRole('log').isVisible())) await openChat(participant);
  }
  for (const [writer, reader] of inTurn(pair)) {
    written += 1;
    await write(writer, `This is message ${written}.`);
    await readsMessage(reader, `This is message ${written}.`);
  }
}
