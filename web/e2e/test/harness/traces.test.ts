import { describe, expect, it } from 'vitest';
import { isIn } from '../../src/traces.ts';

const WORDS = 'words that are looked for';

describe('words are found', () => {
  it.each(['utf8', 'utf16le', 'hex', 'base64'] as const)(
    'as %s, wherever they stand',
    (encoding) => {
      for (const before of ['', 'a', 'ab', 'abc']) {
        const text = `${before}${WORDS} and more`;
        const bytes =
          encoding === 'utf8' || encoding === 'utf16le'
            ? Buffer.from(text, encoding)
            : Buffer.from(Buffer.from(text).toString(encoding));
        expect(isIn(bytes, WORDS)).toBe(true);
      }
    },
  );

  it('but not where they are not', () => {
    expect(isIn(Buffer.from('words that are not'), WORDS)).toBe(false);
  });
});
