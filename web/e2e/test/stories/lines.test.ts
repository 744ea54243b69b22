import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { writeInTurn } from '../../src/acts.ts';
import type { Participant } from '../../src/browser.ts';
import { report } from '../../src/figures.ts';
import { RECOVERY_MS } from '../../src/limits.ts';
import { over } from '../../src/over-a-line.ts';
import { meetEachOther, safetyCode } from '../../src/steps.ts';

/** Packets of pictures that a page sent and got, and how many of them again. */
interface Packets {
  readonly sent: number;
  readonly sentAgain: number;
  readonly got: number;
  readonly gotAgain: number;
}

async function packets({ page }: Participant): Promise<Packets> {
  return page.evaluate(async () => {
    const sum = { sent: 0, sentAgain: 0, got: 0, gotAgain: 0 };
    for (const connection of __held.connections) {
      for (const entry of (await connection.getStats()).values()) {
        const out = entry as RTCOutboundRtpStreamStats;
        const into = entry as RTCInboundRtpStreamStats;
        if (out.type === 'outbound-rtp' && out.kind === 'video') {
          sum.sent += out.packetsSent ?? 0;
          sum.sentAgain += out.retransmittedPacketsSent ?? 0;
        } else if (into.type === 'inbound-rtp' && into.kind === 'video') {
          sum.got += into.packetsReceived ?? 0;
          sum.gotAgain += into.retransmittedPacketsReceived ?? 0;
        }
      }
    }
    return sum;
  });
}

/** Resolves when the page has the pictures of somebody wait before they are shown. */
async function holdsPicturesBack({ page }: Participant): Promise<void> {
  const waits = () =>
    __held.connections.some((connection) =>
      connection.getReceivers().some((receiver) => (receiver.jitterBufferTarget ?? 0) > 0),
    );
  await page.waitForFunction(waits, undefined, { timeout: RECOVERY_MS });
}

/** The same, or its browser does so by itself: it knows of the losses on its own line. */
async function picturesWait(participant: Participant): Promise<void> {
  const wait = async () => {
    const stats = __held.connections.map((connection) => connection.getStats());
    return (await Promise.all(stats))
      .flatMap((report) => [...report.values()] as RTCInboundRtpStreamStats[])
      .some(({ kind, jitterBufferDelay = 0, jitterBufferEmittedCount = 0 }) => {
        return kind === 'video' && jitterBufferDelay > 0.1 * jitterBufferEmittedCount;
      });
  };
  const { page } = participant;
  await Promise.any([
    holdsPicturesBack(participant),
    page.waitForFunction(wait, undefined, { timeout: RECOVERY_MS }),
  ]);
}

/** Resolves when the page has its camera's picture begin anew as large as it may be; else rejects. */
function pictureBeginsAnew({ page }: Participant): Promise<void> {
  return page.evaluate(
    (within) =>
      new Promise<void>((resolve, reject) => {
        setTimeout(() => reject(new Error('the picture did not begin anew')), within);
        const { setParameters } = RTCRtpSender.prototype;
        // What Chromium gave up for a narrow line is forgotten with a change of this.
        RTCRtpSender.prototype.setParameters = function (parameters, ...rest) {
          if (parameters.degradationPreference === 'maintain-framerate') resolve();
          return setParameters.call(this, parameters, ...rest);
        };
      }),
    RECOVERY_MS,
  );
}

function since(before: Packets, now: Packets): Packets {
  return {
    sent: now.sent - before.sent,
    sentAgain: now.sentAgain - before.sentAgain,
    got: now.got - before.got,
    gotAgain: now.gotAgain - before.gotAgain,
  };
}

describe('a line that loses packets', () => {
  // Each loss takes 1 / (1 - loss) repetitions on average; a storm takes many.
  it.for([
    ['loss-5', 0.2],
    ['loss-20', 0.5],
  ] as const)('(%s) carries picture and sound, and no storm of repetitions', (line, context) => {
    const [preset, most] = line;
    return over(['--preset', preset], async ({ patient, practitioner }) => {
      // At first, packets are also repeated to find out what the line takes.
      await patient.probe.sees('practitioner', { count: 50, within: RECOVERY_MS });
      const before = await packets(patient);
      await patient.probe.sees('practitioner', { count: 100, within: RECOVERY_MS });
      await practitioner.probe.sees('patientA', { count: 100, within: RECOVERY_MS });
      const { sent, sentAgain, got, gotAgain } = since(before, await packets(patient));
      const repeated = `${sentAgain} of ${sent} packets up, ${gotAgain} of ${got} down`;
      process.stdout.write(`figure: repeated at ${preset}: ${repeated}\n`);
      expect(sentAgain).toBeGreaterThan(0);
      expect(gotAgain).toBeGreaterThan(0);
      expect(sentAgain / sent).toBeLessThan(most);
      expect(gotAgain / got).toBeLessThan(most);
    })(context);
  });
});

describe('a line', () => {
  it(
    'on which what was lost comes late has pictures wait for it, also where only the other’s line is bad',
    over(['--preset', 'mobile'], async ({ patient, practitioner }) => {
      await Promise.all([picturesWait(patient), holdsPicturesBack(practitioner)]);
      await meetEachOther(patient, practitioner);
    }),
  );

  it(
    'that is dark for five seconds comes back, and the same connection goes on',
    over(['--preset', 'clean'], async (pair) => {
      const { patient, practitioner, line } = pair;
      const code = await safetyCode(patient);
      const [load, made] = [await patient.load(), await patient.connectionsMade()];
      const since = Date.now();
      line.order('blackout 5s');
      // The length of the loss is what is tested, so it is waited for.
      await delay(5_000);
      await meetEachOther(patient, practitioner);
      report(
        'pause of the picture by a blackout of 5 s',
        patient.probe.longestPause('practitioner', since),
      );
      expect([await patient.load(), await patient.connectionsMade()]).toEqual([load, made]);
      expect(await safetyCode(patient)).toBe(code);
      await writeInTurn(pair);
    }),
  );

  it(
    'that becomes as narrow as 150 kbit/s still carries picture and sound, both ways, and is used whole afterwards',
    over(['--rate', '3M', '--queue', '200ms'], async (pair) => {
      const { patient, practitioner, line } = pair;
      line.order('set rate=150k queue=200ms');
      // What was under way when the line became narrow comes first.
      await delay(10_000);
      await meetEachOther(patient, practitioner);
      await writeInTurn(pair);
      const anew = [patient, practitioner].map(pictureBeginsAnew);
      line.order('set rate=3M queue=200ms');
      await Promise.all(anew);
      await meetEachOther(patient, practitioner);
    }),
  );
});
