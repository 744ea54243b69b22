import { describe, expect, it } from 'vitest';
import {
  LOSS_PACKETS,
  LOSS_WINDOW_MS,
  ROOM_FOR_REDUNDANCY,
  TOO_NARROW_FOR_REDUNDANCY,
} from '../src/media/limits.ts';
import { Redundancy } from '../src/media/redundancy.ts';

const SECOND = 1000;
const WIDE = 1_000_000;

/** Somebody who speaks, and is heard of once a second. */
class Voice {
  readonly #redundancy = new Redundancy(0);
  #now = 0;
  #sent = 0;
  #lost = 0;

  /** The answers over some seconds in which so many packets of fifty are lost. */
  speak(seconds: number, lost: number, estimate: number | null = WIDE, packets = 50): boolean[] {
    return Array.from({ length: seconds }, () => {
      this.#now += SECOND;
      this.#sent += packets;
      this.#lost += lost;
      const sound = { sent: this.#sent, lost: this.#lost };
      return this.#redundancy.observe(sound, estimate, this.#now);
    });
  }

  countAnew(): void {
    this.#lost = 0;
  }
}

const WINDOW = LOSS_WINDOW_MS / SECOND;

describe('redundancy', () => {
  it('is not worth it where nothing, or next to nothing, is lost', () => {
    const voice = new Voice();
    expect(voice.speak(60, 0)).not.toContain(true);
    expect(voice.speak(60, 1)).not.toContain(true);
  });

  it('is worth it within seconds where packets are lost, and until they are no longer', () => {
    const voice = new Voice();
    expect(voice.speak(5, 5).at(-1)).toBe(true);
    expect(voice.speak(60, 5)).not.toContain(false);
    expect(voice.speak(WINDOW + 1, 0).at(-1)).toBe(false);
  });

  it('stays at a loss between the two bounds what it was', () => {
    const voice = new Voice();
    voice.speak(WINDOW, 1);
    expect(voice.speak(60, 1)).not.toContain(true);
    voice.speak(WINDOW, 5);
    expect(voice.speak(60, 1)).not.toContain(false);
  });

  it('is not worth it on a narrow line, and one in between stays what it was', () => {
    const between = (ROOM_FOR_REDUNDANCY + TOO_NARROW_FOR_REDUNDANCY) / 2;
    const voice = new Voice();
    expect(voice.speak(60, 10, between)).not.toContain(true);
    expect(voice.speak(5, 10, ROOM_FOR_REDUNDANCY).at(-1)).toBe(true);
    expect(voice.speak(60, 10, between)).not.toContain(false);
    expect(voice.speak(1, 10, TOO_NARROW_FOR_REDUNDANCY - 1)).toEqual([false]);
  });

  it('is worth it where nothing is known of the line but its loss', () => {
    expect(new Voice().speak(5, 5, null).at(-1)).toBe(true);
  });

  it('changes nothing while somebody is silent', () => {
    const voice = new Voice();
    voice.speak(WINDOW, 5);
    const few = Math.floor(LOSS_PACKETS / WINDOW) - 2;
    voice.speak(WINDOW, few, WIDE, few);
    expect(voice.speak(60, 0, WIDE, few)).not.toContain(false);
    const other = new Voice();
    expect(other.speak(60, few, WIDE, few)).not.toContain(true);
  });

  it('takes a count that begins anew for no loss', () => {
    const voice = new Voice();
    voice.speak(WINDOW, 10);
    voice.countAnew();
    expect(voice.speak(WINDOW + 1, 0).at(-1)).toBe(false);
  });
});
