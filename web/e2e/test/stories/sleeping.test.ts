import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { writeInTurn } from '../../src/acts.ts';
import type { Participant } from '../../src/browser.ts';
import { report } from '../../src/figures.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import { stopBrowser, stopPage, type Wake } from '../../src/sleeping.ts';
import { consult, meetEachOther, safetyCode } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

const AWAY = 'Awa Diallo has lost the connection. We are waiting…';

/** The patient sleeps for so long and wakes: the consultation goes on by itself. */
function sleeps(how: (patient: Participant) => Promise<Wake>, milliseconds: number) {
  return inWorld({ network: true }, async (world) => {
    const pair = await consult(world);
    const { patient, practitioner } = pair;
    const before = [await safetyCode(patient), await patient.load()];
    const asleep = Date.now();
    const wake = await how(patient);
    try {
      await practitioner.probe.noLongerSees('patientA');
      await practitioner.reads(AWAY);
      // The length of the sleep is what is tested, so it is waited for.
      await delay(asleep + milliseconds - Date.now());
    } finally {
      await wake();
    }
    const awake = Date.now();
    await practitioner.probe.sees('patientA', { within: RECOVERY_MS });
    await meetEachOther(patient, practitioner);
    const [frame] = practitioner.probe.framesOf('patientA', awake);
    const pause = (frame?.at ?? Date.now()) - awake;
    report(`picture back after ${milliseconds / 1_000} s of sleep (${how.name})`, pause);
    await practitioner.page.getByText(AWAY).waitFor({ state: 'hidden' });
    expect([await safetyCode(patient), await patient.load()]).toEqual(before);
    await writeInTurn(pair);
  });
}

// Longer than a browser may be sent to without a sign of life (30 s, RFC 7675 section 5.1).
it(
  'a page whose process stood still for 40 s is missed, and comes back by itself',
  sleeps(stopPage, 40_000),
);

it(
  'a browser on a machine that slept for 12 s is missed, and comes back by itself',
  sleeps(stopBrowser, 12_000),
);
