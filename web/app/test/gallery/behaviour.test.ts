/** What the pages do: keys, focus, announcements, and what they ask of the client. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DESKTOP, PHONE, openBrowser } from './browser.ts';
import { asked, change, openGallery, showScene } from './scenes.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => page.context().close());

/** What has the focus, by its role and name. */
const focused = () => page.locator(':focus');

describe('the patient’s page', () => {
  beforeEach(async () => {
    ({ page } = await openGallery(browser, { ...PHONE, scheme: 'light' }));
  });

  test('takes a patient from the name to the waiting room', async () => {
    await showScene(page, 'patient-welcome', 'en');
    await page.getByRole('textbox', { name: 'Your name' }).fill('  Ada Byron ');
    await page.getByRole('textbox', { name: 'Reason for your visit' }).fill(' Cough ');
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await focused().textContent()).toBe('Check your camera and sound');
    await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
    expect(await asked(page)).toContain('startMedia()');
    await change(page, { media: { ...(await mediaOf(page)), state: 'ready' } });
    await page.getByRole('button', { name: 'Enter the waiting room' }).click();
    expect(await asked(page)).toContain('arrive({"name":"Ada Byron","reason":"Cough"})');
  });

  test('does not go on without a name, and says so at the field', async () => {
    await showScene(page, 'patient-welcome', 'fr');
    await page.getByRole('button', { name: 'Continuer' }).click();
    const name = page.getByRole('textbox', { name: 'Votre nom' });
    await name.and(page.locator(':focus')).waitFor();
    const described = await name.getAttribute('aria-describedby');
    const words = await page.locator(`#${described?.split(' ').at(-1)}`).textContent();
    expect(words).toContain('Veuillez indiquer votre nom.');
  });

  test('asks whom to see, and what to do when that one goes off duty', async () => {
    await showScene(page, 'patient-waiting-asked', 'en');
    await page.getByRole('alert').filter({ hasText: 'Dr Amina Lambert is not on duty' }).waitFor();
    await page.getByRole('button', { name: 'See whoever is free next' }).click();
    expect(await asked(page)).toEqual(['answer("take_next")']);
    await showScene(page, 'patient-welcome-choice', 'en');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Whom do you want to see?').selectOption('Dr Amina Lambert');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /^Enter the waiting room/ }).click();
    expect(await asked(page)).toEqual([
      'arrive({"name":"Ada","reason":"","wish":{"service":"s1","practitioner":"p1"}})',
    ]);
  });

  test('asks in which language, and what to do when nobody speaks it any more', async () => {
    await showScene(page, 'patient-waiting-asked-language', 'en');
    await page.getByRole('alert').filter({ hasText: 'Nobody speaks German here' }).waitFor();
    await showScene(page, 'patient-welcome-choice', 'en');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('In which language?').selectOption('Dutch');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /^Enter the waiting room/ }).click();
    expect(await asked(page)).toEqual([
      'arrive({"name":"Ada","reason":"","wish":{"service":"s1","language":"nl"}})',
    ]);
  });

  test('says that nobody practises any more what is waited for, and that the place is kept', async () => {
    await showScene(page, 'patient-waiting-nobody', 'en');
    const said = page.getByRole('alert').filter({ hasText: 'Nobody offers this service' });
    await said.filter({ hasText: 'You keep your place' }).waitFor();
    expect(await page.getByText('will admit you as soon as possible').count()).toBe(0);
    await showScene(page, 'patient-waiting-next', 'en');
    expect(await page.getByRole('alert').filter({ hasText: 'Nobody offers' }).count()).toBe(0);
  });

  test('asks for one’s regular practitioner as that, and for nobody who is it no more', async () => {
    await showScene(page, 'patient-welcome-regular', 'en');
    await page.getByLabel('Your name').fill('Ada');
    const whom = page.getByLabel('Whom do you want to see?');
    await whom.selectOption('Dr Amina Lambert, your regular practitioner');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: /^Enter the waiting room/ }).click();
    expect(await asked(page)).toEqual([
      'arrive({"name":"Ada","reason":"","wish":{"service":"s1","regular":true}})',
    ]);
  });

  test('hands in the answers to the questions that were asked, and says what is missing', async () => {
    await showScene(page, 'patient-intake-form', 'en');
    const send = page.getByRole('button', { name: 'Send my answers' });
    await send.click();
    await page.getByText('Please answer this question.').waitFor();
    expect(await asked(page)).toEqual([]);
    await page.getByRole('radio', { name: 'No' }).check();
    await page.getByRole('checkbox', { name: 'Fever' }).check();
    await page.getByLabel('What is your temperature?').fill('38,6');
    await page.getByLabel('Since when?').fill('Saturday');
    await send.click();
    expect(await asked(page)).toEqual([
      `answerForm(${JSON.stringify({
        'chest-pain': { type: 'yes_no', value: false },
        signs: { type: 'several_of', value: ['fever'] },
        temperature: { type: 'number', value: 386 },
        since: { type: 'short_text', value: 'Saturday' },
      })})`,
    ]);
  });

  test('shows 112 at a red flag without a network, keeps it, and tells the clinic later', async () => {
    await showScene(page, 'patient-intake-form', 'en');
    await change(page, { status: 'reconnecting' });
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('link', { name: 'Call 112' }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Send my answers' }).count()).toBe(0);
    expect(await page.getByLabel('Since when?').count()).toBe(0);
    await page.getByRole('radio', { name: 'No' }).check();
    await page.getByRole('button', { name: 'Send my answers' }).waitFor();
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'It is so: stop here' }).click();
    await page.getByRole('heading', { name: 'Call 112 now' }).waitFor();
    expect(await asked(page)).toEqual([]);
    await change(page, { status: 'online' });
    await page.getByRole('heading', { name: 'Call 112 now' }).waitFor();
    await expect
      .poll(() => asked(page))
      .toEqual(['answerForm({"chest-pain":{"type":"yes_no","value":true}})']);
  });

  test('takes a consent and takes it back', async () => {
    await showScene(page, 'patient-intake-consent', 'en');
    await page.getByRole('button', { name: 'Yes, I consent' }).click();
    expect(await asked(page)).toEqual(['consent("given", "2026-01")']);
    await showScene(page, 'patient-intake-ready', 'en');
    await page.getByRole('button', { name: 'Take my consent back' }).click();
    expect(await asked(page)).toEqual(['consent("revoked", "2026-01")']);
    await showScene(page, 'patient-intake-consulting', 'en');
    await page.getByRole('button', { name: 'Take my consent back' }).click();
    expect(await asked(page)).toEqual(['consent("revoked", "2026-01")']);
  });

  test('says of each gate what opens it, and tells of devices that work', async () => {
    await showScene(page, 'patient-intake-gates', 'en');
    await page.getByText('The consultation costs 32 €.').waitFor();
    expect(await asked(page)).toEqual(['checkDevices(true)']);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByRole('button', { name: 'I cannot travel' }).click();
    expect((await asked(page)).slice(1)).toEqual([
      'askAgain({"type":"entitlement","insurer":"mutual-100"})',
      'claimException("cannot_travel")',
    ]);
  });

  test('asks nothing of a patient while the service is closed', async () => {
    await showScene(page, 'patient-closed-full', 'en');
    await page.getByRole('heading', { name: 'The waiting room takes nobody in now' }).waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
  });

  test('announces a new place', async () => {
    await showScene(page, 'patient-waiting-second', 'en');
    const status = page.getByRole('status').filter({ hasText: 'You are number 2' });
    await status.waitFor({ state: 'attached' });
    await page.evaluate(() => {
      const client = window.gallery.client;
      const patient = client?.state.patient;
      if (!client || !patient?.visit) return;
      const visit = { ...patient.visit, state: { type: 'waiting', place: 1 } as const };
      client.become({ ...client.state, patient: { ...patient, visit } });
    });
    await page.getByRole('heading', { name: 'You are next' }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: 'You are next' })
      .waitFor({ state: 'attached' });
    expect(await page.title()).toBe('Waiting room, you are next');
  });

  test('says what leaving does to an appointment, before its time and after', async () => {
    const question = page.getByRole('dialog', { name: 'Leave the waiting room?' });
    for (const [minutes, says] of [
      [60, 'This calls off your appointment.'],
      [-1, 'This ends your visit.'],
    ] as const) {
      await showScene(page, 'patient-waiting-message', 'en');
      const state = await page.evaluate(() => window.gallery.client?.state);
      const appointment = Date.now() + minutes * 60_000;
      const visit = { ...state?.patient?.visit, appointment };
      await change(page, { patient: { ...state?.patient, visit } });
      await page.getByRole('button', { name: 'Leave the waiting room' }).click();
      await question.getByText(says).waitFor();
    }
  });

  test('leaves only after a question, whose safe answer has the focus', async () => {
    await showScene(page, 'patient-waiting-second', 'en');
    const leave = page.getByRole('button', { name: 'Leave the waiting room' });
    await leave.click();
    const question = page.getByRole('dialog', { name: 'Leave the waiting room?' });
    expect(await focused().textContent()).toContain('No, stay');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await focused().textContent()).toContain('Leave the waiting room');
    expect(await asked(page)).toEqual([]);
    await leave.click();
    await question.getByRole('button', { name: 'Yes, leave' }).click();
    expect(await asked(page)).toEqual(['leave()']);
  });

  test('says that the place is kept while the connection is lost, and when it is back', async () => {
    await showScene(page, 'patient-waiting-second', 'en');
    await change(page, { status: 'reconnecting' });
    const status = page.getByRole('status');
    await status.getByText('Your place is kept. Reconnecting…').waitFor();
    await change(page, { status: 'online' });
    await status.getByText('You are connected again.').waitFor();
  });

  test('changes its language at once, and the document’s', async () => {
    await showScene(page, 'patient-waiting-second', 'en');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('fr');
    await page.getByRole('heading', { name: 'Vous avez le numéro 2' }).waitFor();
    await page.getByRole('combobox', { name: 'Langue' }).waitFor();
  });

  test('takes the focus to the consultation, and knows no single keys', async () => {
    await showScene(page, 'patient-consultation-talking', 'en');
    await page.locator('body').press('m');
    expect(await asked(page)).toEqual([]);
    await page.getByRole('switch', { name: 'Microphone' }).click();
    expect(await asked(page)).toEqual(['setMicrophone(false)']);
  });

  test('shows no picture and plays no sound from the moment encryption fails', async () => {
    await showScene(page, 'patient-consultation-talking', 'en');
    const picture = page.getByLabel('Picture of Dr Amina Lambert');
    await picture.waitFor();
    await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) return;
      client.become({ ...client.state, consultation: { ...consultation, encryption: 'failed' } });
    });
    await picture.waitFor({ state: 'detached' });
    await page.getByText('The conversation could not be encrypted').waitFor();
  });

  test('asks to compare a new code over an open chat, on a phone', async () => {
    await showScene(page, 'patient-consultation-chat', 'en');
    const question = page.getByRole('region', { name: 'Read this code aloud to each other' });
    expect(await question.count()).toBe(0);
    await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) return;
      const safetyCode = { digits: '111 222', long: '1' };
      client.become({ ...client.state, consultation: { ...consultation, safetyCode } });
    });
    await question.waitFor();
    for (const name of ['It is the same', 'It is different', 'Later']) {
      await question.getByRole('button', { name }).click({ trial: true });
    }
    const inSight = await question.evaluate((element) => {
      const stage = element.closest('.stage')?.getBoundingClientRect();
      return stage !== undefined && element.getBoundingClientRect().top >= stage.top;
    });
    expect(inSight).toBe(true);
    await question.getByText('111 222').waitFor();
  });

  test('warns of a code that is different for the other, and tells them the same', async () => {
    await showScene(page, 'patient-consultation-compare', 'en');
    await page.getByRole('button', { name: 'It is different' }).click();
    expect(await asked(page)).toEqual(['judgeSafetyCode(false)']);
    await showScene(page, 'practitioner-consultation-talking', 'en');
    await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) return;
      const doubts = ['patient'];
      client.become({ ...client.state, consultation: { ...consultation, doubts } });
    });
    const alert = page.getByRole('alert').filter({ hasText: 'The codes differ' });
    await alert.getByText('Jeanne Van den Broeck sees another code than yours.').waitFor();
    await alert.getByText('reach them in another way').waitFor();
    expect(await alert.getByText('link').count()).toBe(0);
  });

  test('counts no message anew that was read before the page was reloaded', async () => {
    await showScene(page, 'patient-consultation-unread', 'en');
    const news = page.getByRole('status').filter({ hasText: 'new message' });
    await news.getByText('2 new messages').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Chat' }).click();
    await news.waitFor({ state: 'detached' });
    await page.reload();
    await showScene(page, 'patient-consultation-unread', 'en');
    await page.getByRole('button', { name: 'Chat' }).waitFor();
    expect(await news.count()).toBe(0);
  });

  test('announces a third person by name, and shows them for as long as they are there', async () => {
    await showScene(page, 'patient-consultation-talking', 'en');
    const alert = page.getByRole('alert').filter({ hasText: 'third person' });
    expect(await alert.count()).toBe(0);
    const two = await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) throw new Error('no consultation');
      const [, doctor] = consultation.people;
      if (!doctor) throw new Error('nobody else');
      const third = { ...doctor, participant: 'x', role: 'patient', name: 'Karim' } as const;
      const people = [third, ...consultation.people];
      client.become({ ...client.state, consultation: { ...consultation, people } });
      return consultation.people.length;
    });
    expect(two).toBe(2);
    await alert.getByText('A third person is in this consultation: Karim').waitFor();
    await page.getByLabel('Picture of Dr Amina Lambert').waitFor();
    await page.getByRole('button', { name: 'Chat' }).click();
    await alert.waitFor();
    await page.getByText('nobody but you, Dr Amina Lambert and Karim can read it').waitFor();
    await page.getByRole('button', { name: 'Safety code 482 915' }).click();
    const dialog = page.getByRole('dialog', { name: 'Safety code' });
    await dialog.getByText('Who has this code: you, Dr Amina Lambert and Karim').waitFor();
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) return;
      const people = consultation.people.slice(1);
      client.become({ ...client.state, consultation: { ...consultation, people } });
    });
    await alert.waitFor({ state: 'detached' });
  });

  test('asks to compare again when the safety code is new', async () => {
    await showScene(page, 'patient-consultation-talking', 'en');
    await page.evaluate(() => {
      const client = window.gallery.client;
      const consultation = client?.state.consultation;
      if (!client || !consultation) return;
      const safetyCode = { digits: '111 222', long: '1' };
      client.become({ ...client.state, consultation: { ...consultation, safetyCode } });
    });
    await page.getByRole('region', { name: 'Read this code aloud to each other' }).waitFor();
    await page.getByRole('button', { name: 'Safety code 111 222' }).waitFor();
  });
});

describe('the companion’s page', () => {
  test('brings back who was away for long by a press', async () => {
    ({ page } = await openGallery(browser, { ...DESKTOP, scheme: 'light' }));
    await showScene(page, 'companion-away', 'en');
    await page.getByRole('button', { name: 'Join again' }).click();
    expect(await asked(page)).toEqual(['arrive({"name":"Dr De Smedt","reason":""})']);
  });

  test('lets who was away for long leave for good, and asks first', async () => {
    ({ page } = await openGallery(browser, { ...DESKTOP, scheme: 'light' }));
    await showScene(page, 'companion-away', 'en');
    await page.getByRole('button', { name: 'Leave' }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave?' });
    await dialog.getByRole('button', { name: 'Yes, leave' }).click();
    expect(await asked(page)).toEqual(['leave()']);
  });

  test('tells a practitioner who opens a link that they come as a guest, and nobody else', async () => {
    ({ page } = await openGallery(browser, { ...DESKTOP, scheme: 'light' }));
    const remark = page.getByRole('note').filter({ hasText: 'A practitioner is signed in' });
    await showScene(page, 'companion-invited-staff', 'en');
    await remark.waitFor();
    await showScene(page, 'companion-invited', 'en');
    expect(await remark.count()).toBe(0);
  });
});

describe('the console', () => {
  beforeEach(async () => {
    ({ page } = await openGallery(browser, { ...DESKTOP, scheme: 'light' }));
  });

  test('asks a colleague along without a link, and joins where a colleague asks', async () => {
    await showScene(page, 'console-more', 'en');
    await page.getByLabel('Whom do you invite?').selectOption('Dr Koen De Smedt');
    await page.getByRole('button', { name: 'Ask to join' }).click();
    expect(await asked(page)).toEqual(['inviteColleague("v1", "p2")']);
    await page.getByLabel('Whom do you invite?').selectOption('An interpreter');
    await page.getByRole('button', { name: 'Make a link' }).click();
    expect(await asked(page)).toContain('invite("interpreter", "v1")');

    await showScene(page, 'console-asked-along', 'en');
    const beside = page.waitForEvent('popup');
    await page.getByRole('button', { name: 'Join Dr Koen De Smedt' }).click();
    await beside;
    expect(await asked(page)).toEqual(['join("i5")']);
  });

  test('says no to a colleague who asks, but not where one joined', async () => {
    await showScene(page, 'console-asked-along', 'en');
    await page.getByRole('button', { name: 'Decline: Dr Koen De Smedt' }).click();
    expect(await asked(page)).toEqual(['declineInvitation("i5")']);
    expect(await page.getByRole('button', { name: /^Decline: Dr/ }).count()).toBe(1);
  });

  test('says that a colleague declined until that is noted, and offers nothing to take back', async () => {
    await showScene(page, 'practitioner-consultation-declined', 'en');
    const remark = page.getByRole('status').filter({ hasText: 'Declined to join: Dr Marie' });
    await remark.waitFor();
    await remark.getByRole('button', { name: 'Close' }).click();
    await remark.waitFor({ state: 'detached' });

    await showScene(page, 'console-more', 'en');
    const dialog = page.getByRole('dialog');
    const refused = dialog.getByRole('listitem').filter({ hasText: 'Vandenbroucke' });
    await refused.filter({ hasText: 'declined' }).waitFor();
    expect(await refused.getByRole('button').count()).toBe(0);
  });

  test('says that there is sound only, and says no more once there is a picture', async () => {
    await showScene(page, 'practitioner-consultation-sound-only', 'en');
    const remark = page.getByRole('status').filter({ hasText: 'Sound only since 14:10' });
    await remark.waitFor();
    const shown = await page.evaluate(() => window.gallery.client?.state.practitioner ?? null);
    const consultation = { ...shown?.consultation, sound_only_since: undefined };
    await change(page, { practitioner: { ...shown, consultation } });
    await remark.waitFor({ state: 'detached' });
  });

  test('admits in one press, and only who is there', async () => {
    await showScene(page, 'console-waiting', 'en');
    expect(await page.getByRole('button', { name: 'Admit Thomas Peeters' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Admit Jeanne Van den Broeck' }).click();
    expect(await asked(page)).toEqual(['admit("v1")']);
  });

  test('asks why somebody is seen before others, says how many, and sends the reason', async () => {
    await showScene(page, 'console-waiting', 'en');
    const admit = page.getByRole('button', { name: 'Admit Fatou Diallo' });
    await admit.click();
    const dialog = page.getByRole('dialog', { name: 'Admit Fatou Diallo before others?' });
    await dialog.getByText('1 patient before is ready to be seen.').waitFor();
    await dialog.getByRole('button', { name: 'Admit' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'Please choose a reason.' }).waitFor();
    expect(await asked(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await admit.and(page.locator(':focus')).waitFor();
    await admit.click();
    await dialog.getByRole('radio', { name: 'It takes only a moment' }).check();
    await dialog.getByRole('button', { name: 'Admit' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await asked(page)).toEqual(['admit("v3", "quick_matter")']);
  });

  test('asks why as well when only the server knows that somebody is passed', async () => {
    await showScene(page, 'console-waiting', 'en');
    await page.evaluate(() => {
      const client = window.gallery.client;
      if (!client) return;
      const { admit } = client;
      const refuses = { code: 'overtake_needs_a_reason' };
      client.admit = (visit, reason) =>
        reason ? admit(visit, reason) : Promise.reject(Object.assign(new Error(), refuses));
    });
    await page.getByRole('button', { name: 'Admit Jeanne Van den Broeck' }).click();
    const dialog = page.getByRole('dialog', { name: 'Admit Jeanne Van den Broeck before others?' });
    await dialog.getByText('Somebody before is ready to be seen.').waitFor();
    await dialog.getByRole('radio', { name: 'Those before have agreed to wait' }).check();
    await dialog.getByRole('button', { name: 'Admit' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await asked(page)).toEqual(['admit("v1", "by_agreement")']);
  });

  test('declines with a coded reason and own words, and not without a reason', async () => {
    await showScene(page, 'console-waiting', 'fr');
    await page.getByRole('button', { name: 'Refuser Fatou Diallo' }).click();
    const dialog = page.getByRole('dialog', { name: /^Refuser Fatou Diallo/ });
    await dialog.getByRole('button', { name: 'Refuser la visite' }).click();
    await dialog.getByText('Veuillez choisir une raison.').waitFor();
    await dialog.getByRole('radio', { name: 'A besoin de soins urgents' }).check();
    await dialog.getByRole('textbox', { name: /^Vos propres mots/ }).fill(' Appelez ! ');
    await dialog.getByRole('button', { name: 'Refuser la visite' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await asked(page)).toEqual(['decline("v3", "emergency", "Appelez !")']);
  });

  test('writes to somebody who waits, says how soon, and hands them on, in one press', async () => {
    await showScene(page, 'console-more', 'en');
    const dialog = page.getByRole('dialog', { name: 'Jeanne Van den Broeck' });
    await dialog.getByRole('textbox').fill(' Come at three. ');
    await dialog.getByLabel('How soon').selectOption('Soon');
    await dialog.getByLabel('Hand on to').selectOption('Médecine générale');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await asked(page)).toEqual([
      'message("v1", "Come at three.")',
      'setUrgency("v1", "soon")',
      'transfer("v1", {"type":"service","id":"s1"})',
    ]);
  });

  test('calls who is away, goes on with who is on hold, and goes on a break', async () => {
    await showScene(page, 'console-desk', 'en');
    await page.getByRole('button', { name: 'Call Thomas Peeters' }).click();
    await page.getByRole('button', { name: 'Go on with Marie-Louise Vandenbroucke' }).click();
    await page.getByRole('button', { name: 'Call back Sofie Claes' }).click();
    await page.getByLabel('Duty').selectOption('On a break');
    expect(await asked(page)).toEqual([
      'call("v2")',
      'resume("c3")',
      'call("v9")',
      'setDuty({"type":"break"})',
    ]);
  });

  test('takes a patient on, and gives one up', async () => {
    await showScene(page, 'console-ended', 'en');
    await page.getByText('The patient has no regular practitioner here.').waitFor();
    await page.getByRole('button', { name: 'This is my patient from now on' }).click();
    expect(await asked(page)).toEqual(['takeOn("c0", true)']);
    await showScene(page, 'console-regular', 'en');
    await page.getByText('You are this patient’s regular practitioner.').waitFor();
    await page.getByRole('button', { name: 'No longer my patient' }).click();
    expect(await asked(page)).toEqual(['takeOn("c0", false)']);
  });

  test('ends with a conclusion, or puts on hold instead', async () => {
    await showScene(page, 'practitioner-consultation-ways', 'en');
    await page.getByLabel('What do you conclude?').selectOption('Needs to be seen in person');
    await page.getByRole('button', { name: 'Put on hold' }).click();
    await page.getByRole('button', { name: 'End now' }).click();
    expect(await asked(page)).toEqual(['hold()', 'end("in_person_needed")']);
  });

  test('announces who arrives', async () => {
    await showScene(page, 'console-arrival', 'en');
    await page
      .getByRole('status')
      .filter({ hasText: 'New in the waiting room: Fatou Diallo.' })
      .waitFor({ state: 'attached' });
    expect(await page.title()).toBe('(3) Console');
  });

  test('takes single keys in a consultation, but not in a text field', async () => {
    await showScene(page, 'practitioner-consultation-talking', 'en');
    await page.locator('body').press('m');
    await page.locator('body').press('v');
    expect(await asked(page)).toEqual(['setMicrophone(false)', 'setCamera(false)']);
    await page.locator('body').press('c');
    await page.getByRole('textbox', { name: 'Your message' }).pressSequentially('move vc?');
    expect(await page.getByRole('textbox', { name: 'Your message' }).inputValue()).toBe('move vc?');
    expect(await asked(page)).toHaveLength(2);
    await page.keyboard.press('Enter');
    expect(await asked(page)).toContain('sendChat("move vc?")');
  });

  test('lets single keys be turned off', async () => {
    await showScene(page, 'practitioner-consultation-talking', 'en');
    await page.locator('body').press('?');
    await page.getByRole('switch', { name: 'Use keyboard shortcuts' }).click();
    await page.keyboard.press('Escape');
    await page.locator('body').press('m');
    expect(await asked(page)).toEqual([]);
  });

  test('ends after a question, and the waiting room has the focus again', async () => {
    await showScene(page, 'practitioner-consultation-talking', 'en');
    await page.getByRole('button', { name: 'End consultation' }).click();
    expect(await focused().textContent()).toContain('Keep talking');
    await page.getByRole('button', { name: 'End now' }).click();
    expect(await asked(page)).toEqual(['end()']);
    await page.evaluate(() => {
      const client = window.gallery.client;
      const practitioner = client?.state.practitioner;
      if (!client || !practitioner) return;
      const over = { ...practitioner, consultation: null };
      client.become({ ...client.state, practitioner: over, consultation: null });
    });
    await page.getByRole('heading', { name: 'Waiting room', level: 1 }).waitFor();
    expect(await focused().textContent()).toBe('Waiting room');
  });
});

/** The scene's media, so that a test changes one thing of it. */
function mediaOf(shown: Page): Promise<Record<string, unknown>> {
  return shown.evaluate(() => {
    const media = window.gallery.client?.state.media;
    return { ...media, stream: null };
  });
}
