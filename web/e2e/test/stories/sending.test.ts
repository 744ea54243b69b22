import { expect, it } from 'vitest';
import { inTurn } from '../../src/acts.ts';
import { anotherLayerStandsIn } from '../../src/layers.ts';
import { putInFront, sendsFewPacketsOfSound, sendsLayers } from '../../src/sending.ts';
import { consult, meetEachOther } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

it(
  'two people send each other the whole picture, and no layer that nobody gets',
  inWorld({}, async (world) => {
    const pair = await consult(world);
    for (const [publisher] of inTurn(pair)) {
      expect(publisher.wire.told('layers').at(-1)?.layers).toEqual([2]);
      await sendsLayers(publisher, ['f']);
    }
  }),
);

it(
  'a layer that comes no more is stood in for by another, until it is back',
  inWorld({}, async (world) => anotherLayerStandsIn(await consult(world))),
);

it(
  'who looks at something else is sent no picture, hears on, and sees again at once',
  inWorld({}, async (world) => {
    const pair = await consult(world);
    const { patient, practitioner } = pair;
    await putInFront(practitioner, false);
    await sendsLayers(patient, []);
    await practitioner.probe.hears('patientA');
    await patient.probe.sees('practitioner');
    await putInFront(practitioner, true);
    await meetEachOther(patient, practitioner);
    await sendsLayers(patient, ['f']);
  }),
);

it(
  'whoever is silent sends hardly any sound',
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    await patient.switch('Microphone').click();
    await practitioner.probe.noLongerHears('patientA');
    await sendsFewPacketsOfSound(patient, 10);
  }),
);
