import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import { admit, enterWaitingRoom, hasPlace, meetEachOther, rowOf } from '../../src/steps.ts';
import { inWorld, type World, type WorldOptions } from '../../src/world.ts';

/** Two patients wait; the second is the one to whom something happens. */
async function twoWait(world: World): Promise<[first: Participant, second: Participant]> {
  const first = await world.patient('patientA');
  await enterWaitingRoom(first);
  const second = await world.patient('patientB');
  await enterWaitingRoom(second);
  await hasPlace(second, 2);
  return [first, second];
}

/** The visit that the newest snapshot since then speaks of. */
function visitOf({ wire }: Participant, since = 0): unknown {
  const snapshot = wire.told('patient', since).at(-1);
  return { visit: snapshot?.visit?.visit, arrived: snapshot?.visit?.arrived_at };
}

/** Resolves when the patient is back at the second place of the same visit. */
async function isBack(patient: Participant, since: number, visit: unknown): Promise<void> {
  await patient.wire.welcomed(since, RECOVERY_MS);
  await patient.wire.until(RECOVERY_MS, 'a snapshot', () => patient.wire.snapshot(since) !== null);
  expect(visitOf(patient, since)).toEqual(visit);
  await hasPlace(patient, 2);
  await patient.page.getByText('Your place is kept.', { exact: true }).first().waitFor();
}

it(
  'a reload brings the patient back to the same place',
  inWorld({}, async (world) => {
    const [, patient] = await twoWait(world);
    const visit = visitOf(patient);
    const since = Date.now();
    await patient.page.reload();
    await isBack(patient, since, visit);
    await patient.probe.sees('patientB');
  }),
);

it(
  'nothing on the page moves without end, and the level of the microphone does not at every frame',
  inWorld({}, async (world) => {
    const [, patient] = await twoWait(world);
    await patient.probe.sees('patientB');
    const moves = await patient.page.evaluate(async (changes) => {
      let frames = 0;
      const request = globalThis.requestAnimationFrame;
      globalThis.requestAnimationFrame = (draw) => {
        frames += 1;
        return request(draw);
      };
      const meter = document.querySelector('[role=meter]')!;
      await new Promise<void>((resolve) => {
        let seen = 0;
        const observer = new MutationObserver(() => {
          seen += 1;
          if (seen >= changes) resolve();
        });
        observer.observe(meter, { attributeFilter: ['style'] });
      });
      const endless = document
        .getAnimations()
        .filter((it) => it.effect?.getComputedTiming().endTime === Infinity);
      return { frames, endless: endless.length };
    }, 5);
    expect(moves).toEqual({ frames: 0, endless: 0 });
  }),
);

it(
  'a network lost for 20 s brings the patient back to the same place',
  inWorld({ network: true }, async (world) => {
    const practitioner = await world.practitioner();
    const [, patient] = await twoWait(world);
    const visit = visitOf(patient);
    const load = await patient.load();
    world.hostOf(patient).linkDown();
    await patient.reads('Your place is kept. Reconnecting…');
    // The length of the loss is what is tested, so it is waited for.
    await delay(20_000);
    await rowOf(practitioner, 'patientB').getByText('Connection lost').waitFor();
    const since = Date.now();
    world.hostOf(patient).linkUp();
    await isBack(patient, since, visit);
    await rowOf(practitioner, 'patientB').getByText('Ready').waitFor();
    expect(await patient.load()).toBe(load);
  }),
);

it(
  'kill -9 and restart of the server bring everybody back, and the visit goes on',
  inWorld({}, async (world) => {
    const practitioner = await world.practitioner();
    const [first, patient] = await twoWait(world);
    const visit = visitOf(patient);
    const load = await patient.load();
    await world.server.killSignaling();
    await patient.reads('Your place is kept. Reconnecting…');
    const since = Date.now();
    await world.server.start();
    await isBack(patient, since, visit);
    expect(await patient.load()).toBe(load);
    await hasPlace(first, 1);
    await rowOf(practitioner, 'patientA').getByText('Ready').waitFor();
    await admit(practitioner, 'patientA');
    await meetEachOther(first, practitioner);
    await hasPlace(patient, 1);
  }),
);

it(
  'what the page fetches while the patient waits is fetched again when the network loses it',
  inWorld({}, async (world) => {
    const practitioner = await world.practitioner();
    const patient = await world.patient('patientA');
    // A try asks twice: ahead of time, and in earnest.
    const lost = 2;
    let asked = 0;
    await patient.page.route('**/assets/Consultation-*.js', async (route) => {
      asked += 1;
      if (asked > lost) return route.continue();
      return route.abort('connectionreset');
    });
    await enterWaitingRoom(patient);
    await admit(practitioner, 'patientA');
    await meetEachOther(patient, practitioner);
    expect(asked).toBeGreaterThan(lost);
  }),
);

describe.each(['chromium', 'firefox'] as const)('a page in %s', (browser) => {
  // Firefox needs a default route to gather ICE candidates.
  const patients: WorldOptions = {
    network: browser === 'firefox',
    browsers: { patients: browser },
  };
  it(
    'whose encryption the network loses fetches it again',
    inWorld(patients, async (world) => {
      const practitioner = await world.practitioner();
      let asked = 0;
      const patient = await world.patient('patientA', {
        prepare: async ({ context }) => {
          await context.route('**/worker-*.js', async (route) => {
            asked += 1;
            return asked > 1 ? route.continue() : route.abort('connectionreset');
          });
        },
      });
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
      expect(asked).toBe(2);
    }),
  );
});

it(
  'the way to another device is fetched again when the network loses it',
  inWorld({}, async (world) => {
    const patient = await world.patient('patientA');
    // A try may ask twice, ahead of time and in earnest; the next comes two seconds later.
    let until: number | null = null;
    await patient.page.route('**/assets/MoveDialog-*.js', async (route) => {
      until ??= Date.now() + 1000;
      return Date.now() > until ? route.continue() : route.abort('connectionreset');
    });
    await enterWaitingRoom(patient);
    await patient.press('Continue on another device');
    await patient.page.getByRole('img', { name: 'Picture with the link' }).waitFor();
  }),
);

it(
  'a page of which a part is lost on the way loads again by itself, once the server is there',
  inWorld({}, async (world) => {
    let asked = 0;
    let away = 0;
    const patient = await world.patient('patientA', {
      prepare: async ({ page }) => {
        await page.route('**/assets/visit-*.js', async (route) => {
          asked += 1;
          return asked > 1 ? route.continue() : route.abort('connectionreset');
        });
        // As a proxy says that the server is away.
        await page.route('**/visit', async (route) => {
          if (asked === 0 || away > 1) return route.continue();
          away += 1;
          return route.fulfill({ status: 502, body: 'away' });
        });
      },
    });
    await enterWaitingRoom(patient);
    expect(asked).toBeGreaterThan(1);
    expect(away).toBe(2);
  }),
);

it(
  'a page whose parts never come says so, and not that the browser is too old',
  inWorld({}, async (world) => {
    const patient = await world.patient('patientA', {
      // It was tried often enough.
      script: () => sessionStorage.setItem('vestibule.again', '6'),
      prepare: async ({ page }) => {
        await page.route('**/assets/visit-*.js', (route) => route.abort());
      },
    });
    await patient.reads('The page could not be loaded.');
    expect(await patient.page.getByText('too old').count()).toBe(0);
    await patient.page.getByRole('link', { name: '112' }).first().waitFor();
  }),
);
