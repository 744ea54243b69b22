import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  changeAddress,
  loseNetwork,
  panicInTheSfu,
  reloadPatient,
  reloadPractitioner,
  replaceSfu,
  restartSignaling,
} from '../../src/recoveries.ts';
import { consult, meetEachOther, openChat, readsMessage, write } from '../../src/steps.ts';
import { Tap } from '../../src/tap/tap.ts';
import { inWorld, type World } from '../../src/world.ts';

describe('a reload', () => {
  it(
    'of the patient brings the call back with a new leaf and a new code',
    inWorld({}, async (world) => reloadPatient(await consult(world))),
  );

  it(
    'of the practitioner brings the call back in a new group and with a new code',
    inWorld({}, async (world) => reloadPractitioner(await consult(world))),
  );

  it(
    'keeps what was written before',
    inWorld({}, async (world) => {
      const { patient, practitioner } = await consult(world);
      await openChat(patient);
      await write(patient, 'Written before the reload');
      await openChat(practitioner);
      await readsMessage(practitioner, 'Written before the reload');
      await patient.page.reload();
      await meetEachOther(patient, practitioner);
      await openChat(patient);
      await readsMessage(patient, 'Written before the reload');
    }),
  );
});

describe('a lost network', () => {
  it(
    'comes back, and the same connection goes on',
    inWorld({ network: true }, async (world) => {
      // The length of the loss is what is tested, so it is waited for.
      await loseNetwork(world, await consult(world), () => delay(12_000));
    }),
  );

  it(
    'is followed by another, and the same connection goes on by an ICE restart',
    inWorld({ network: true }, async (world) => {
      const pair = await consult(world);
      const offers = await loseNetwork(world, pair, async (host) => host.move());
      expect(offers.length).toBeGreaterThan(0);
    }),
  );
});

describe('another address', () => {
  it(
    'of the patient is found without any sign, and the same connection goes on by an ICE restart',
    inWorld({ network: true }, async (world) => {
      await changeAddress(world, await consult(world));
    }),
  );
});

describe('kill -9', () => {
  it(
    'of signaling stops neither picture nor sound, and the session resumes',
    inWorld({}, async (world) => restartSignaling(world, await consult(world))),
  );

  it(
    'of the SFU connects both again without a click',
    inWorld({}, async (world) => replaceSfu(world, await consult(world))),
  );
});

describe('a panic in the SFU', () => {
  it('connects both again without a click, by another call', async (context) => {
    const tap = new Tap();
    try {
      const body = async (world: World) => panicInTheSfu(tap, await consult(world));
      await inWorld({ command: tap.command }, body)(context);
    } finally {
      tap.remove();
    }
  });
});
