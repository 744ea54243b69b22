import { describe, expect, it } from 'vitest';
import { Beginning } from '../src/media/beginning.ts';
import { BEGINNING_LOOKS, BEGINNING_LOOKS_TOLD, GROWN } from '../src/media/limits.ts';
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
    activate(encodings, wanted, false);
    expect(encodings.map((it) => it.active)).toEqual(active);
    expect(encodings.map((it) => it.rid)).toEqual(['q', 'h', 'f']);
  });

  it.each([
    [[2], 3],
    [[1, 2], 1],
    [[0, 2], 1],
  ])('%j begin small where the whole picture is alone', (wanted, down) => {
    const encodings = copies(3);
    activate(encodings, wanted, true);
    expect(encodings[2]).toMatchObject({ scaleResolutionDownBy: down });
    activate(encodings, wanted, false);
    expect(encodings.map((it) => it.scaleResolutionDownBy)).toEqual([4, 2, 1]);
  });

  it('become the whole picture where an answer takes none', () => {
    const encodings = copies(1);
    activate(encodings, FIRST_LAYERS, true);
    expect(encodings).toMatchObject([{ active: true, scaleResolutionDownBy: 3 }]);
    activate(encodings, FIRST_LAYERS, false);
    expect(encodings).toMatchObject([
      { active: true, scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
    ]);
    activate(encodings, [], false);
    expect(encodings).toMatchObject([{ active: false }]);
  });

  it('are left aside where a browser takes none', () => {
    const whole = withoutLayers(LAYERS);
    expect(whole).toMatchObject({ active: true, scaleResolutionDownBy: 3, maxBitrate: 1_200_000 });
    expect(whole).not.toHaveProperty('rid');
  });
});

describe('the beginning of the camera', () => {
  it('is over when the line is known to take more', () => {
    const beginning = new Beginning();
    expect(beginning.isOver(GROWN - 1)).toBe(false);
    expect(beginning.isOver(GROWN)).toBe(true);
  });

  it('is over after some looks where nothing is known', () => {
    const beginning = new Beginning();
    const looks = Array.from({ length: BEGINNING_LOOKS }, () => beginning.isOver(null));
    expect(looks.indexOf(true)).toBe(BEGINNING_LOOKS - 1);
  });

  it('is longer where the browser says that the line takes little, and over then too', () => {
    const beginning = new Beginning();
    const looks = Array.from({ length: BEGINNING_LOOKS_TOLD }, () => beginning.isOver(GROWN - 1));
    expect(looks.indexOf(true)).toBe(BEGINNING_LOOKS_TOLD - 1);
  });
});
