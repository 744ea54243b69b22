/** How soon a connection is up on a line that loses packets: `npm run connecting -w e2e` in `web`. */
import { afterAll, describe, it } from 'vitest';
import { BadLine } from '../src/bad-line.ts';
import type { Participant } from '../src/browser.ts';
import { BAD_LINE_PAGE_MS } from '../src/limits.ts';
import { enterWaitingRoom } from '../src/steps.ts';
import { World } from '../src/world.ts';
import { noteDtls } from './dtls-moments.ts';
import { add, percentile, print } from './table.ts';

const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 40);
const LOSSES = (process.env['LOSSES'] ?? '5,20').split(',');

afterAll(print);

interface Connected {
  /** From the way that ICE found to the end of DTLS, in milliseconds. */
  readonly dtlsMs: number;
  /** The connections that it took. */
  readonly begun: number;
}

/** Waits, by which the page connects, on a line with this loss, and leaves without it. */
async function connect(patient: Participant, line: BadLine, loss: string): Promise<Connected> {
  const { page } = patient;
  await page.evaluate(() => void Object.assign(__dtls, { way: 0, up: 0, begun: 0 }));
  line.order(`set loss=${loss}%`);
  await enterWaitingRoom(patient);
  await page.waitForFunction(() => __dtls.up > 0, undefined, { polling: 20 });
  const { way, up, begun } = await page.evaluate(() => __dtls);
  line.order('set loss=0%');
  await patient.press('Leave the waiting room');
  await patient.press('Yes, leave');
  await patient.isAt('You have left');
  await patient.press('Start a new visit');
  return { dtlsMs: up - way, begun };
}

for (const browser of ['chromium', 'firefox'] as const) {
  describe(browser, () => {
    it.each(LOSSES)('with a loss of %s percent each way', async (loss) => {
      const world = await World.open({ network: true, browsers: { patients: browser } });
      const line = await BadLine.open(world.serverHost, []);
      try {
        await world.practitioner();
        const options = { host: line.host, patience: BAD_LINE_PAGE_MS, script: noteDtls };
        const patient = await world.patient('patientA', options);
        const all: Connected[] = [];
        while (all.length < CONNECTIONS) all.push(await connect(patient, line, loss));
        const times = all.map(({ dtlsMs }) => dtlsMs);
        const parts = [0.5, 0.9, 1].map((part) => Math.round(percentile(times, part)));
        const again = all.filter(({ begun }) => begun > 1).length;
        add(`${browser}, ${loss} % loss`, `DTLS p50, p90, most: ${parts.join(', ')} ms`);
        add(`${browser}, ${loss} % loss`, `of ${all.length} begun anew: ${again}`);
      } finally {
        await world.close();
        await line.close();
      }
    });
  });
}
