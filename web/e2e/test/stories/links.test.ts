import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import type { Server } from '../../src/server.ts';
import { consult, enterWaitingRoom, hasPlace, meetEachOther } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

describe('a link', () => {
  it(
    'of the practitioner is good for one browser, and there for ever',
    inWorld({}, async (world) => {
      const practitioner = await world.practitioner();
      await practitioner.isAt('Waiting room');
      expect(practitioner.page.url()).not.toContain('#j=');
      await practitioner.page.goto(world.server.url + '/console');
      await practitioner.isAt('Waiting room');

      const stranger = await world.patient('patientC');
      await stranger.page.goto('about:blank');
      await stranger.page.goto(world.server.practitionerLink);
      await stranger.isAt('This link was already used');
    }),
  );

  it(
    'that was damaged is refused with words',
    inWorld({}, async (world) => {
      const patient = await world.patient('patientA');
      for (const path of ['/visit#w=nonsense', '/console#j=nonsense']) {
        await patient.page.goto('about:blank');
        await patient.page.goto(world.server.url + path);
        await patient.isAt('This link is not valid');
      }
    }),
  );

  it(
    'is asked for by a page that has none',
    inWorld({}, async (world) => {
      const patient = await world.patient('patientA');
      await patient.page.goto('about:blank');
      await patient.page.goto(world.server.url + '/console');
      await patient.isAt('A link is needed');
    }),
  );
});

/** A link for a visit of its own, as a clinic sends it for each child. */
async function anotherLink({ page }: Participant, { patientLink, url }: Server): Promise<string> {
  const code = new URLSearchParams(new URL(patientLink).hash.slice(1)).get('w');
  const token = await page.evaluate(async (link) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ link });
    const answer = await fetch('/api/v1/walk-ins', { method: 'POST', headers, body });
    return ((await answer.json()) as { token: string }).token;
  }, code);
  return `${url}/visit#j=${token}`;
}

/** The place that a tab shows. */
function place(tab: Page, heading: string): Promise<void> {
  return tab.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

describe('a guardian', () => {
  it(
    'waits with two children in two tabs of one browser, and each tab keeps its own',
    inWorld({}, async (world) => {
      const guardian = await world.patient('patientA');
      await enterWaitingRoom(guardian);
      const second = await guardian.context.newPage();
      await second.goto(await anotherLink(guardian, world.server));
      await second.getByLabel('Your name').fill('Bram Peeters');
      await second.getByRole('button', { name: 'Continue' }).click();
      await second.getByRole('button', { name: 'Enter the waiting room' }).click();
      await place(second, 'You are number 2');
      await hasPlace(guardian, 1);
      await Promise.all([guardian.page.reload(), second.reload()]);
      await Promise.all([hasPlace(guardian, 1), place(second, 'You are number 2')]);
    }),
  );
});

describe('a second tab', () => {
  it(
    'takes over, and the first can take back',
    inWorld({}, async (world) => {
      const patient = await world.patient('patientA');
      await enterWaitingRoom(patient);
      const second = await patient.context.newPage();
      await second.goto(world.server.url + '/visit');
      await second.getByRole('heading', { name: 'You are next', level: 1 }).waitFor();
      await patient.isAt('This page is open elsewhere');
      await patient.press('Continue here');
      await hasPlace(patient, 1);
      await second.getByRole('heading', { name: 'This page is open elsewhere' }).waitFor();
    }),
  );

  it(
    'in a consultation takes the call along',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      const second = await patient.context.newPage();
      await second.goto(world.server.url + '/visit');
      await patient.isAt('This page is open elsewhere');
      const since = Date.now();
      await practitioner.probe.sees('patientA', { count: 30 });
      expect(practitioner.probe.framesOf('patientA', since).length).toBeGreaterThan(0);
      await second.close();
      await patient.press('Continue here');
      await meetEachOther(patient, practitioner);
    }),
  );
});
