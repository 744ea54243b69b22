/** Weighs the JavaScript that a page needs, as it crosses the network, and stops a build above its budget. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

export interface Budget {
  /** The page where the counting begins. */
  readonly page: string;
  /** Gzipped bytes of all JavaScript that the page names, workers and lazy parts included. */
  readonly limitBytes: number;
  /** Beginnings of the names of files that are loaded only after the waiting room. */
  readonly later: readonly string[];
}

export interface Weight {
  readonly file: string;
  readonly gzipped: number;
}

/** Level 9 is what the server's files are worth at best; a proxy's default differs by 2 %. */
const LEVEL = 9;

/** Every script that the text names, whether by import, by worker or by preload. */
export function scriptsNamedIn(text: string): string[] {
  const names = text.matchAll(/[\w.-]+\.js\b/g);
  return [...new Set([...names].map((match) => match[0]))];
}

/** The page's scripts and all that these name, heaviest first. `read` gives null for no such file. */
export function weigh(budget: Budget, read: (file: string) => string | null): Weight[] {
  const weights = new Map<string, number>();
  const waiting = scriptsNamedIn(read(budget.page) ?? '');
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const later = budget.later.some((beginning) => name?.startsWith(beginning));
    const text = later || weights.has(name) ? null : read(join('assets', name));
    if (text === null) continue;
    weights.set(name, gzipSync(text, { level: LEVEL }).length);
    waiting.push(...scriptsNamedIn(text));
  }
  const list = [...weights].map(([file, gzipped]) => ({ file, gzipped }));
  return list.sort((a, b) => b.gzipped - a.gzipped);
}

export function total(weights: readonly Weight[]): number {
  return weights.reduce((sum, weight) => sum + weight.gzipped, 0);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Fails the build when the page is too heavy. */
export function budgetPlugin(file: string): Plugin {
  let root = '.';
  let out = 'dist';
  return {
    name: 'vestibule-budget',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      out = resolve(root, config.build.outDir);
    },
    closeBundle() {
      const budget = JSON.parse(readFileSync(join(root, file), 'utf8')) as Budget;
      const weights = weigh(budget, (name) => readOrNull(join(out, name)));
      const sum = total(weights);
      const report = `${budget.page}: ${sum} of ${budget.limitBytes} bytes of gzipped JavaScript`;
      const lines = weights.map((weight) => `  ${weight.gzipped} ${weight.file}`);
      if (weights.length === 0 || sum > budget.limitBytes) {
        throw new Error([`Over the budget. ${report}`, ...lines].join('\n'));
      }
      this.info(report);
    },
  };
}
