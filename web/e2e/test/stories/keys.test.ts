import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { admit, enterWaitingRoom } from '../../src/steps.ts';
import { inWorld, type WorldOptions } from '../../src/world.ts';

/** What both sides derive the keys of the media from (RFC 9605 section 5.2). */
const LABEL = 'SFrame 1.0 Base Key';
const OTHER_LABEL = 'SFrame 1.0 Base Kez';

/** What the server has within it. Firefox's driver cannot read what the browser would have got. */
const ASSETS = new URL('../../../app/dist/assets/', import.meta.url);

/** Gives this page a worker that derives other keys from the same group. */
async function deriveOtherKeys(participant: Participant): Promise<() => number> {
  let changed = 0;
  await participant.context.route('**/worker-*.js', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    const script = await readFile(new URL(name, ASSETS), 'utf8');
    if (script.includes(LABEL)) changed += 1;
    const body = script.replaceAll(LABEL, OTHER_LABEL);
    await route.fulfill({ contentType: 'text/javascript', body });
  });
  return () => changed;
}

/** How many packets of pictures arrived, and how many frames came out of the decoder. */
async function received(participant: Participant): Promise<{ packets: number; frames: number }> {
  return participant.page.evaluate(async () => {
    const total = { packets: 0, frames: 0 };
    for (const connection of __held.connections) {
      for (const entry of (await connection.getStats()).values()) {
        const stats = entry as RTCInboundRtpStreamStats;
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video') continue;
        total.packets += stats.packetsReceived ?? 0;
        total.frames += stats.framesDecoded ?? 0;
      }
    }
    return total;
  });
}

const BROWSERS = ['chromium', 'olderChromium', 'firefox'] as const;

describe.each(BROWSERS)('keys that differ, in %s', (browser) => {
  const everybody: WorldOptions = {
    // Firefox needs a default route to gather ICE candidates.
    network: browser === 'firefox',
    browsers: { patients: browser, practitioner: browser },
  };
  it(
    'leave the page without a picture and without a sound',
    inWorld(everybody, async (world) => {
      const practitioner = await world.practitioner();
      const patient = await world.patient('patientA');
      const changed = await deriveOtherKeys(patient);
      await patient.page.reload();
      await enterWaitingRoom(patient);
      const since = Date.now();
      await admit(practitioner, 'patientA');

      for (const participant of [patient, practitioner]) {
        await expect
          .poll(async () => (await received(participant)).packets, { timeout: MEDIA_MS })
          .toBeGreaterThan(200);
        expect((await received(participant)).frames).toBe(0);
        await participant.reads('Connecting…');
      }
      expect(changed()).toBeGreaterThan(0);
      expect(patient.probe.framesOf('practitioner', since)).toEqual([]);
      expect(practitioner.probe.framesOf('patientA', since)).toEqual([]);
      expect(unreadable(patient, since)).toEqual([]);
      expect(unreadable(practitioner, since)).toEqual([]);
      expect(patient.probe.hasHeard('practitioner', since)).toBe(false);
      expect(practitioner.probe.hasHeard('patientA', since)).toBe(false);
    }),
  );
});

/** Pictures that were displayed without being anybody's. */
function unreadable({ probe }: Participant, since: number): unknown[] {
  return probe.unreadable.filter(({ at }) => at >= since);
}
