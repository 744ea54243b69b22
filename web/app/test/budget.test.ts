import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Budget, total, weigh } from '../build/budget.ts';

const heavy = randomBytes(6000).toString('hex');
const FILES: Readonly<Record<string, string>> = {
  'visit.html': '<script type="module" src="/assets/visit-1.js"></script>',
  'assets/visit-1.js': 'import"./shared-2.js";new Worker(new URL("crypto-3.js",import.meta.url));',
  'assets/shared-2.js': 'import("./lazy-4.js")',
  'assets/crypto-3.js': heavy,
  'assets/lazy-4.js': 'import"./shared-2.js"',
  'assets/console-5.js': heavy,
};
const budget: Budget = { page: 'visit.html', limitBytes: 1000, later: [] };
const read = (file: string) => FILES[file] ?? null;
const files = (list: ReturnType<typeof weigh>) => list.map((weight) => weight.file).sort();

describe('the budget', () => {
  test('counts everything that the page names, workers and lazy parts included, once', () => {
    expect(files(weigh(budget, read))).toEqual([
      'crypto-3.js',
      'lazy-4.js',
      'shared-2.js',
      'visit-1.js',
    ]);
  });

  test('leaves out what is said to come later', () => {
    expect(files(weigh({ ...budget, later: ['crypto-'] }, read))).not.toContain('crypto-3.js');
  });

  test('weighs what crosses the network', () => {
    const weights = weigh(budget, read);
    expect(weights[0]?.gzipped).toBe(gzipSync(heavy, { level: 9 }).length);
    expect(total(weights)).toBeGreaterThan(budget.limitBytes);
  });
});
