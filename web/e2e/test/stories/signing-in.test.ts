/** Whole sign-ins at a real OpenID provider, the npm package `oidc-provider`. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { CAST } from '../../src/cast.ts';
import { atProvider, confirm, signIn } from '../../src/provider.ts';
import { capture } from '../../src/screenshots.ts';
import { admit, enterWaitingRoom, hasPlace, meetEachOther, rowOf } from '../../src/steps.ts';
import type { World } from '../../src/world.ts';

/** What the provider's page is called, whatever language ours is in. */
const PROVIDER = 'Identity provider';

/** The visit that the newest snapshot speaks of. */
function visitOf({ wire }: Participant): string | undefined {
  return wire.told('patient').at(-1)?.visit?.visit;
}

const HOUR_MS = 3_600_000;

/** Another system of the clinic's. */
function system({ server }: World, ...scopes: readonly string[]) {
  const key = server.apiKey(...scopes);
  return async (method: string, path: string, sent?: unknown): Promise<unknown> => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
      },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    });
    const read: unknown = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(read));
    return read;
  };
}

interface Listed {
  readonly items: readonly { readonly id: string }[];
}

/** Books for whoever the provider calls so, an hour from now; the visit. */
async function book(world: World, subject: string): Promise<string> {
  const ask = system(world, 'services:read', 'appointments:write');
  const { items } = (await ask('GET', '/services')) as Listed;
  const when = { at: Date.now() + HOUR_MS, length: HOUR_MS / 4 };
  const booking = { ...when, subject, name: CAST.patientA.name, service: items[0]?.id };
  return ((await ask('POST', '/appointments', booking)) as { id: string }).id;
}

/** Has the provider's account be that of the clinic's practitioner, as a system of the clinic does. */
async function register(world: World, subject: string): Promise<void> {
  const ask = system(world, 'practitioners:read', 'practitioners:write');
  const { items } = (await ask('GET', '/practitioners')) as Listed;
  await ask('PUT', `/practitioners/${items[0]?.id}/identity`, { subject });
}

/** Opens the console in a browser that has no link to it. */
async function atConsole(world: World): Promise<Participant> {
  const person = await world.visit('practitioner', `${world.server.url}/console`, {});
  await person.isAt('Sign in to the console');
  return person;
}

describe('a patient', () => {
  it(
    'm17 signs in at the provider, waits, and is admitted',
    atProvider(async (world) => {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA');
      await patient.isAt('Welcome');
      await signIn(patient, 'awa', 'Card');
      await patient.isAt('Welcome');
      expect(patient.page.url()).toBe(`${world.server.url}/visit`);
      expect(await patient.button('Sign in').count()).toBe(0);
      await enterWaitingRoom(patient);
      await rowOf(practitioner, 'patientA').getByText('Ready').waitFor();
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
    }),
  );

  it(
    'm17 signs in on another device, which goes on with the place, and the first says so',
    atProvider(async (world) => {
      const first = await world.patient('patientA');
      await signIn(first, 'awa', 'Card');
      await enterWaitingRoom(first);
      const other = await world.patient('patientB');
      await enterWaitingRoom(other);
      const visit = visitOf(first);
      expect(visit).toBeDefined();
      const second = await world.patient('patientC');
      await signIn(second, 'awa', 'Card');
      await hasPlace(second, 1);
      expect(visitOf(second)).toBe(visit);
      await first.isAt('This page is open elsewhere');
      await first.reads('Only one tab, window or device can be in use. The other one carries on.');
      await hasPlace(other, 2);
      // A reload of the second keeps it there, and the first can have it back.
      await second.page.reload();
      await hasPlace(second, 1);
      await first.press('Continue here');
      await hasPlace(first, 1);
      await second.isAt('This page is open elsewhere');
    }),
  );

  it(
    'm17 finds the appointment that was booked for them',
    atProvider(async (world, provider) => {
      const visit = await book(world, await provider.subject('awa'));
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA');
      await signIn(patient, 'awa', 'Card');
      await patient.isAt('Welcome');
      await enterWaitingRoom(patient);
      expect(visitOf(patient)).toBe(visit);
      await rowOf(practitioner, 'patientA')
        .getByText(/^Appointment/)
        .waitFor();
    }),
  );

  it(
    'm17 changes their mind at the provider, and goes on without',
    atProvider(async (world) => {
      const patient = await world.patient('patientA');
      await patient.press('Sign in');
      await patient.isAt(PROVIDER);
      await patient.press('Cancel');
      await patient.isAt('You are not signed in');
      await patient.reads('The sign-in was cancelled, or it was not confirmed.');
      expect(patient.page.url()).toBe(`${world.server.url}/visit`);
      await capture(patient.page, 'sign-in-cancelled');
      await patient.press('Sign in again');
      await patient.isAt(PROVIDER);
      // The browser's own way back is one as well.
      await patient.page.goBack();
      await patient.page.reload();
      await patient.isAt('Welcome');
      await capture(patient.page, 'sign-in');
      await patient.press('Sign in');
      await confirm(patient, 'awa', 'Card');
      await patient.isAt('Welcome');
      await enterWaitingRoom(patient);
    }),
  );

  it(
    'm17 is told in French when the provider fails, and waits without it',
    atProvider(async (world) => {
      const patient = await world.patient('patientA', { locale: 'fr-BE' });
      await patient.press('Se connecter');
      await patient.isAt(PROVIDER);
      await patient.fill('Account', 'awa');
      await patient.press('Confirm, then fail');
      await patient.isAt('Se connecter n’est pas possible en ce moment');
      await patient.reads(/ne répond pas\. Réessayez dans quelques minutes\./);
      await patient.press('Continuer sans se connecter');
      await patient.isAt('Bienvenue');
      await patient.fill('Votre nom', patient.name);
      await patient.press('Continuer');
      await patient.isAt('Vérifiez votre caméra et le son');
    }),
  );

  it(
    'm17 is told before they leave that nobody answers there, and waits without it',
    atProvider(async (world, provider) => {
      await provider.stop();
      const patient = await world.patient('patientA');
      await patient.press('Sign in');
      await patient.reads(
        'The service where you sign in does not answer. Please try again in a few minutes.',
      );
      await capture(patient.page, 'sign-in-unavailable');
      await enterWaitingRoom(patient);
    }),
  );
});

describe('a patient in Firefox', () => {
  const firefox = { browser: 'firefox', withoutCalls: true } as const;

  it(
    'm17 signs in at the provider, waits, and keeps the place over a reload',
    atProvider(async (world) => {
      const patient = await world.patient('patientA', firefox);
      await patient.isAt('Welcome');
      await signIn(patient, 'awa', 'Card');
      await patient.isAt('Welcome');
      expect(patient.page.url()).toBe(`${world.server.url}/visit`);
      expect(await patient.button('Sign in').count()).toBe(0);
      await enterWaitingRoom(patient);
      const visit = visitOf(patient);
      expect(visit).toBeDefined();
      await patient.page.reload();
      await hasPlace(patient, 1);
      expect(visitOf(patient)).toBe(visit);
    }),
  );

  it(
    'm17 comes back from the provider by the way back, and signs in after all',
    atProvider(async (world) => {
      const patient = await world.patient('patientA', firefox);
      await patient.press('Sign in');
      await patient.isAt(PROVIDER);
      await patient.page.goBack();
      await patient.isAt('Welcome');
      await signIn(patient, 'awa', 'Card');
      await patient.isAt('Welcome');
      expect(await patient.button('Sign in').count()).toBe(0);
      await enterWaitingRoom(patient);
    }),
  );
});

describe('a practitioner', () => {
  it(
    'm17 signs in with a second factor, and works in the console; without one they are refused',
    atProvider(async (world, provider) => {
      await register(world, await provider.subject('martin'));
      const practitioner = await atConsole(world);
      await capture(practitioner.page, 'console-sign-in');
      await signIn(practitioner, 'martin', 'Password');
      await practitioner.isAt('A second factor is needed');
      await practitioner.reads(/Turn it on where you sign in, then sign in again\./);
      await capture(practitioner.page, 'console-second-factor');
      await practitioner.press('Sign in again');
      await confirm(practitioner, 'somebody', 'Password and key');
      await practitioner.isAt('This sign-in is not known here');
      await practitioner.press('Sign in again');
      await confirm(practitioner, 'martin', 'Password and key');
      await practitioner.isAt('Waiting room');
      await practitioner.reads(CAST.practitioner.name);
      const patient = await world.patient('patientA');
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
    }),
  );

  it(
    'm17 cancels at the provider, and signs in after all',
    atProvider(async (world, provider) => {
      await register(world, await provider.subject('martin'));
      const practitioner = await atConsole(world);
      await practitioner.press('Sign in');
      await practitioner.isAt(PROVIDER);
      await practitioner.press('Cancel');
      await practitioner.isAt('You are not signed in');
      await practitioner.page.reload();
      await practitioner.isAt('Sign in to the console');
      await signIn(practitioner, 'martin', 'Password and key');
      await practitioner.isAt('Waiting room');
    }),
  );
});
