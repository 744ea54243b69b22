/** Looks for words in bytes, in every shape in which they are likely to lie there. */

/** A base64 text of something longer: what its edges make of the bytes before and after is left out. */
function inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(offset === 0 ? 0 : 4, Math.floor((bytes.length + offset) / 3) * 4);
}

/** The shapes of these words: plain, as UTF-16, in hexadecimal, in base64 at each of its three offsets. */
export function shapesOf(words: string): Buffer[] {
  const plain = Buffer.from(words, 'utf8');
  const texts = [
    plain.toString('hex'),
    plain.toString('hex').toUpperCase(),
    ...[0, 1, 2].map((offset) => inside(plain, offset)),
  ];
  return [plain, Buffer.from(words, 'utf16le'), ...texts.map((text) => Buffer.from(text))];
}

/** Whether the words are somewhere in there. */
export function isIn(bytes: Buffer, words: string): boolean {
  return shapesOf(words).some((shape) => bytes.includes(shape));
}
