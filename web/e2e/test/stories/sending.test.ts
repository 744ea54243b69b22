import { expect, it } from 'vitest';
import { inTurn } from '../../src/acts.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { forceLayers, sendsFewPacketsOfSound, sendsLayers } from '../../src/sending.ts';
import { consult, meetEachOther } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

/** How wide the camera's layers are. */
const HALF = 480;
const WHOLE = 960;

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
  inWorld({}, async (world) => {
    const { patient, practitioner } = await consult(world);
    const since = Date.now();
    const widths = (from: number) =>
      practitioner.probe.framesOf('patientA', from).map((frame) => frame.width);
    await forceLayers(patient, ['h']);
    await practitioner.probe.until(MEDIA_MS, 'the half picture', () => {
      return widths(since).includes(HALF);
    });
    await patient.wire.until(MEDIA_MS, 'the wish for the whole picture beside the half', () => {
      return patient.wire.told('layers', since).some(({ layers }) => layers.join() === '1,2');
    });
    await practitioner.probe.until(MEDIA_MS, 'the whole picture', () => {
      return widths(since).at(-1) === WHOLE;
    });
    await sendsLayers(patient, ['f']);
    await meetEachOther(patient, practitioner);
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
