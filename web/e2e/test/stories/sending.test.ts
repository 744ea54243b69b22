import { expect, it } from 'vitest';
import { inTurn } from '../../src/acts.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { forceLayers, putInFront, sendsFewPacketsOfSound, sendsLayers } from '../../src/sending.ts';
import { consult, meetEachOther } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

/** How wide the layers of these cameras are. */
const HALF = 320;
const WHOLE = 640;

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
    const begin = Date.now();
    const widths = (from: number) =>
      practitioner.probe.framesOf('patientA', from).map((frame) => frame.width);
    await practitioner.probe.until(MEDIA_MS, 'the picture to have grown', () => {
      return widths(begin).at(-1) === WHOLE;
    });
    const since = Date.now();
    await forceLayers(patient, ['h']);
    await practitioner.probe.until(MEDIA_MS, 'the half picture', () => {
      return widths(since).includes(HALF);
    });
    await forceLayers(patient, ['f']);
    const back = Date.now();
    await practitioner.probe.until(MEDIA_MS, 'the whole picture', () => {
      return widths(back).at(-1) === WHOLE;
    });
    await sendsLayers(patient, ['f']);
    await meetEachOther(patient, practitioner);
  }),
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
