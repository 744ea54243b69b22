import { describe, expect, it } from 'vitest';
import { activate, FIRST_LAYERS, LAYERS, withoutLayers } from '../src/media/layers.ts';

const copies = (count: number): RTCRtpEncodingParameters[] =>
  LAYERS.slice(0, count).map((layer) => ({ ...layer }));

describe('the layers of the camera', () => {
  it('begin with the whole picture alone', () => {
    expect(LAYERS.map(({ active }) => active)).toEqual([false, false, true]);
    expect(FIRST_LAYERS).toEqual([2]);
  });

  it.each([
    [[], [false, false, false]],
    [[0], [true, false, false]],
    [
      [0, 2],
      [true, false, true],
    ],
    // What a later server may ask for beside.
    [
      [1, 7],
      [false, true, false],
    ],
  ])('%j are sent when they are wanted', (wanted, active) => {
    const encodings = copies(3);
    activate(encodings, wanted);
    expect(encodings.map((it) => it.active)).toEqual(active);
    expect(encodings.map((it) => it.rid)).toEqual(['q', 'h', 'f']);
  });

  it('become the whole picture where an answer takes none', () => {
    const encodings = copies(1);
    activate(encodings, FIRST_LAYERS);
    expect(encodings).toMatchObject([
      { active: true, scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
    ]);
    activate(encodings, []);
    expect(encodings).toMatchObject([{ active: false }]);
  });

  it('are left aside where a browser takes none', () => {
    const whole = withoutLayers(LAYERS);
    expect(whole).toMatchObject({ active: true, scaleResolutionDownBy: 1, maxBitrate: 1_200_000 });
    expect(whole).not.toHaveProperty('rid');
  });
});
