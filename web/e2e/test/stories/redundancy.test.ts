/** Sound on a line that loses packets: sent with redundancy (RED) where everybody takes it, and nowhere else. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BadLine } from '../../src/bad-line.ts';
import type { Participant } from '../../src/browser.ts';
import { received } from '../../src/received.ts';
import { resortsToRedundancy, sendsRedundancy } from '../../src/sending.ts';
import { admit, enterWaitingRoom, meetEachOther, type Pair } from '../../src/steps.ts';
import { type Browsers, inWorld } from '../../src/world.ts';

/** Samples in a second. */
const RATE = 48_000;

/** Of how much sound the made-up part is looked at. */
const LISTENED = 20 * RATE;

/** A consultation with a patient on a line that loses a fifth of all packets. */
function onALosingLine(browsers: Browsers, body: (pair: Pair) => Promise<void>) {
  return inWorld({ network: true, browsers }, async (world) => {
    const line = await BadLine.open(world.serverHost, ['--preset', 'loss-20']);
    try {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA', { host: line.host });
      await enterWaitingRoom(patient);
      await admit(practitioner, 'patientA');
      await meetEachOther(patient, practitioner);
      await body({ patient, practitioner });
    } finally {
      await world.close();
      await line.close();
    }
  });
}

/** The part of the next sound that somebody hears which is made up, in percent. */
async function madeUp(participant: Participant): Promise<number> {
  const before = await received(participant);
  for (;;) {
    await delay(500);
    const now = await received(participant);
    const samples = now.samples - before.samples;
    if (samples >= LISTENED) return (100 * (now.concealed - before.concealed)) / samples;
  }
}

it(
  'between two who take it, redundancy comes where packets are lost and mends most of the sound',
  onALosingLine({}, async ({ patient, practitioner }) => {
    await Promise.all([sendsRedundancy(patient), sendsRedundancy(practitioner)]);
    const percent = await Promise.all([madeUp(patient), madeUp(practitioner)]);
    const [to, from] = percent.map((it) => it.toFixed(1));
    process.stdout.write(`figure: sound made up at 20 % loss: ${to} % to, ${from} % from\n`);
    // A fifth is lost; without redundancy about a tenth is made up.
    expect(Math.max(...percent)).toBeLessThan(6);
    await meetEachOther(patient, practitioner);
  }),
);

it(
  'whoever talks with a browser that takes none sends none, however much is lost',
  // The practitioner's own line is good and has room: nothing else would keep it from that.
  onALosingLine({ patients: 'firefox' }, async ({ patient, practitioner }) => {
    expect(await resortsToRedundancy(practitioner, 150)).toBe(false);
    expect(practitioner.wire.told('redundancy').filter(({ allowed }) => allowed)).toEqual([]);
    await meetEachOther(patient, practitioner);
  }),
);
