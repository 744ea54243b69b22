/** Characters as the server counts them: code points, after trimming. */
export function length(text: string): number {
  return [...text.trim()].length;
}

/** Titles in both languages: they come before a name and are not part of it. */
const TITLES = new Set(['dr', 'dre', 'docteur', 'prof', 'pr', 'm', 'mme', 'mr', 'mrs', 'ms']);

function isNamePart(word: string): boolean {
  return /^\p{L}/u.test(word) && !TITLES.has(word.toLowerCase().replace('.', ''));
}

/** One or two letters that stand for a name where there is no picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(isNamePart);
  const first = [...(words[0] ?? '')][0] ?? '';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return `${first}${last}`.toLocaleUpperCase();
}
