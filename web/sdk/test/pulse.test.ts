import { describe, expect, it } from 'vitest';
import { FLOWING_LOOKS, STILL_LOOKS } from '../src/media/limits.ts';
import { Pulse } from '../src/media/pulse.ts';

/** A connection by which so many looks saw something come in, and so many nothing. */
function after(flowing: number, still: number): Pulse {
  const pulse = new Pulse();
  for (let look = 1; look <= flowing; look += 1) pulse.look(look);
  for (let look = 1; look <= still; look += 1) pulse.look(flowing);
  return pulse;
}

describe('the pulse of a connection', () => {
  it('is still when what flowed has stopped for some looks', () => {
    expect(after(FLOWING_LOOKS, STILL_LOOKS - 1).isStill).toBe(false);
    expect(after(FLOWING_LOOKS, STILL_LOOKS).isStill).toBe(true);
    expect(after(FLOWING_LOOKS, 10 * STILL_LOOKS).isStill).toBe(true);
  });

  it('says nothing of a connection by which little comes', () => {
    expect(after(0, STILL_LOOKS).isStill).toBe(false);
    expect(after(FLOWING_LOOKS - 1, STILL_LOOKS).isStill).toBe(false);
  });

  it('is back with the first byte', () => {
    const pulse = after(FLOWING_LOOKS, STILL_LOOKS);
    pulse.look(FLOWING_LOOKS + 1);
    expect(pulse.isStill).toBe(false);
  });
});
