/** The layers of a patient's camera, as the practitioner gets them. */
import { MEDIA_MS } from './limits.ts';
import { forceLayers, sendsLayers } from './sending.ts';
import { meetEachOther, type Pair } from './steps.ts';

/** How wide the layers of these cameras are. */
const HALF = 320;
const WHOLE = 640;

/** Has the patient's browser send the half picture instead of the whole one, and back: the practitioner sees them. */
export async function anotherLayerStandsIn({ patient, practitioner }: Pair): Promise<void> {
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
}
