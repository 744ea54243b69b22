import { describe, expect, it } from 'vitest';
import { CAST, EVERYBODY } from '../../src/cast.ts';
import { decode, encode, FRAME, framesBetween } from '../../src/code.ts';

describe('the code in a frame', () => {
  it('says who and which frame, for every frame of every camera', () => {
    for (const who of EVERYBODY) {
      const camera = CAST[who].camera;
      for (let counter = 0; counter < FRAME.count; counter += 1) {
        expect(decode(encode(camera, counter))).toEqual({ camera, counter });
      }
    }
  });

  it('is rejected when any one or two blocks are misread', () => {
    const flip = (blocks: string, at: number) =>
      blocks.slice(0, at) + (blocks[at] === '1' ? '0' : '1') + blocks.slice(at + 1);
    const blocks = encode(3, 137);
    for (let first = 0; first < 40; first += 1) {
      expect(decode(flip(blocks, first))).toBeNull();
      for (let second = 0; second < first; second += 1) {
        expect(decode(flip(flip(blocks, first), second))).toBeNull();
      }
    }
  });

  it('is not found in a black, a white or an unclear picture', () => {
    expect(decode('0'.repeat(40))).toBeNull();
    expect(decode('1'.repeat(40))).toBeNull();
    expect(decode('')).toBeNull();
  });

  it('counts the frames between two counters across the end of the clip', () => {
    expect(framesBetween(10, 13)).toBe(3);
    expect(framesBetween(FRAME.count - 1, 2)).toBe(3);
    expect(framesBetween(7, 7)).toBe(0);
  });
});
