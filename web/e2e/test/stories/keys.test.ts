import { describe, expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { MEDIA_MS } from '../../src/limits.ts';
import { admit, enterWaitingRoom } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

/** What both sides derive the keys of the media from (RFC 9605 section 5.2). */
const LABEL = 'SFrame 1.0 Base Key';
const OTHER_LABEL = 'SFrame 1.0 Base Kez';

/** Gives this page a worker that derives other keys from the same group. */
async function deriveOtherKeys(participant: Participant): Promise<() => number> {
  let changed = 0;
  await participant.context.route('**/*.js', async (route) => {
    const response = await route.fetch();
    const script = await response.text();
    if (script.includes(LABEL)) changed += 1;
    await route.fulfill({ response, body: script.replaceAll(LABEL, OTHER_LABEL) });
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

describe.each(['chromium', 'olderChromium'] as const)('keys that differ, in %s', (browser) => {
  it(
    'leave the page without a picture and without a sound',
    inWorld({ browsers: { patients: browser, practitioner: browser } }, async (world) => {
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
