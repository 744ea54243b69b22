/** A consultation over a bad line. */
import { BadLine } from './bad-line.ts';
import { BAD_LINE_PAGE_MS } from './limits.ts';
import { admit, enterWaitingRoom, meetEachOther, type Pair } from './steps.ts';
import { type Browsers, inWorld } from './world.ts';

export interface OverALine extends Pair {
  readonly line: BadLine;
}

/** A practitioner on a good line with a patient on one with these settings, arguments of `vestibule-impair run`. */
export function over(
  settings: readonly string[],
  body: (pair: OverALine) => Promise<void>,
  browsers: Browsers = {},
) {
  return inWorld({ network: true, browsers }, async (world) => {
    const line = await BadLine.open(world.serverHost, settings);
    try {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA', {
        host: line.host,
        patience: BAD_LINE_PAGE_MS,
      });
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
      await body({ patient, practitioner, line });
    } finally {
      await world.close();
      await line.close();
    }
  });
}
