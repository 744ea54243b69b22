/** Sound on a line that loses packets: sent with redundancy (RED) where everybody takes it, and nowhere else. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { over } from '../../src/over-a-line.ts';
import { received } from '../../src/received.ts';
import { resortsToRedundancy, sendsRedundancy } from '../../src/sending.ts';
import { meetEachOther } from '../../src/steps.ts';

/** Samples in a second. */
const RATE = 48_000;

/** Of how much sound the made-up part is looked at. */
const LISTENED = 12 * RATE;

/** A fifth of all packets is lost. */
const LOSING = ['--preset', 'loss-20'];

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
  over(LOSING, async ({ patient, practitioner }) => {
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
  over(
    LOSING,
    async ({ patient, practitioner }) => {
      expect(await resortsToRedundancy(practitioner, 150)).toBe(false);
      expect(practitioner.wire.told('redundancy').filter(({ allowed }) => allowed)).toEqual([]);
      await meetEachOther(patient, practitioner);
    },
    { patients: 'firefox' },
  ),
);
