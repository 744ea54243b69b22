import { describe, expect, it } from 'vitest';
import { layersFor, Sizes } from '../src/media/sizes.ts';

describe('a picture', () => {
  it('needs no more layers than can be seen, and may be a little larger than they are', () => {
    expect([1, 240, 300, 301, 480, 600, 601, 960, 4000].map(layersFor)).toEqual([
      1, 1, 1, 2, 2, 2, 3, 3, 3,
    ]);
  });

  it('of whom nobody told how large it is shown needs all layers', () => {
    expect(new Sizes().of('anna')).toBe(3);
  });

  it('makes a difference when it is shown much smaller, or no longer', () => {
    const sizes = new Sizes();
    expect(sizes.set('anna', 1200)).toBe(false);
    expect(sizes.set('anna', 200)).toBe(true);
    expect(sizes.set('anna', 250)).toBe(false);
    expect([sizes.of('anna'), sizes.of('ben')]).toEqual([1, 3]);
    expect(sizes.set('anna', null)).toBe(true);
    expect(sizes.of('anna')).toBe(3);
  });
});
