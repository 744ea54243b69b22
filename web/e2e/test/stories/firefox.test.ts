/**
 * The first consultation in Debian's Firefox: alone, and with Chromium. Everybody has a host of their
 * own, because Firefox needs a default route to gather ICE candidates.
 */
import { describe, expect, it } from 'vitest';
import { compareCodes, muteInTurn, stopCamerasInTurn, writeInTurn } from '../../src/acts.ts';
import { anotherLayerStandsIn } from '../../src/layers.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import {
  loseNetwork,
  reloadPatient,
  reloadPractitioner,
  replaceSfu,
  restartSignaling,
} from '../../src/recoveries.ts';
import {
  admit,
  consult,
  end,
  enterWaitingRoom,
  hasPlace,
  introduceOneself,
  meetEachOther,
  rowOf,
  tryDevices,
} from '../../src/steps.ts';
import { inWorld, type WorldOptions } from '../../src/world.ts';

const ALONE: WorldOptions = {
  network: true,
  browsers: { patients: 'firefox', practitioner: 'firefox' },
};

describe('Firefox alone', () => {
  it(
    'tries the devices, and keeps a place over a reload and over kill -9 of signaling',
    inWorld(ALONE, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientA'),
      ]);
      await introduceOneself(patient);
      await tryDevices(patient);
      await patient.press('Enter the waiting room');
      await hasPlace(patient, 1);
      const visit = patient.wire.told('patient').at(-1)?.visit?.visit;
      const isBack = async (since: number) => {
        await patient.wire.welcomed(since, RECOVERY_MS);
        await hasPlace(patient, 1);
        expect(patient.wire.told('patient', since).at(-1)?.visit?.visit).toBe(visit);
      };
      const reloaded = Date.now();
      await patient.page.reload();
      await isBack(reloaded);
      const load = await patient.load();
      await world.server.killSignaling();
      await patient.reads('Your place is kept. Reconnecting…');
      const restarted = Date.now();
      await world.server.start();
      await isBack(restarted);
      expect(await patient.load()).toBe(load);
      await rowOf(practitioner, 'patientA').getByText('Ready').waitFor();
    }),
  );

  it(
    'shows a consultation whose view the network lost, though a second try to fetch it fails without asking',
    inWorld(ALONE, async (world) => {
      const [practitioner, patient] = await Promise.all([
        world.practitioner(),
        world.patient('patientA'),
      ]);
      const lost: string[] = [];
      await patient.page.route('**/assets/Consultation-*.js', async (route) => {
        if (lost.length > 1) return route.continue();
        lost.push(route.request().url());
        return route.abort();
      });
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
      expect(lost).not.toEqual([]);
    }),
  );

  it(
    'meets, compares, sends its picture in layers, mutes, stops the camera, writes and ends',
    inWorld(ALONE, async (world) => {
      const pair = await consult(world);
      await compareCodes(pair);
      await anotherLayerStandsIn(pair);
      await muteInTurn(pair);
      await stopCamerasInTurn(pair);
      await writeInTurn(pair);
      await end(pair.practitioner);
      await pair.patient.isAt('The consultation is over');
    }),
  );

  it(
    'comes back after a reload of the patient and of the practitioner',
    inWorld(ALONE, async (world) => {
      const pair = await consult(world);
      await reloadPatient(pair);
      await reloadPractitioner(pair);
    }),
  );

  it(
    'goes on by an ICE restart when the network is followed by another',
    inWorld(ALONE, async (world) => {
      const pair = await consult(world);
      const offers = await loseNetwork(world, pair, async (host) => host.move());
      expect(offers.length).toBeGreaterThan(0);
    }),
  );

  it(
    'goes on over kill -9 of signaling, and is back after that of the SFU',
    inWorld(ALONE, async (world) => {
      const pair = await consult(world);
      await restartSignaling(world, pair);
      await replaceSfu(world, pair);
    }),
  );
});

describe.each([
  { patients: 'firefox', practitioner: 'chromium' },
  { patients: 'chromium', practitioner: 'firefox' },
] as const)('a patient in $patients and a practitioner in $practitioner', (browsers) => {
  it(
    'meet, compare, write, come back after a reload, and end',
    inWorld({ network: true, browsers }, async (world) => {
      const pair = await consult(world);
      await compareCodes(pair);
      await reloadPatient(pair);
      await reloadPractitioner(pair);
      await end(pair.practitioner);
      await pair.patient.isAt('The consultation is over');
    }),
  );
});
