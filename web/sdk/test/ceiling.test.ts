import { describe, expect, it } from 'vitest';
import { Ceiling } from '../src/media/ceiling.ts';
import { CEILING_RETRY_MS, PLENTY } from '../src/media/limits.ts';

const SECOND = 1000;

/** A browser that probes when its ceiling is raised above its estimate, over a line that takes so much. */
class Browser {
  estimate: number;
  probes = 0;
  readonly ceilings: (number | null)[] = [];
  #ceiling = Infinity;

  constructor(
    estimate: number,
    public line: number,
  ) {
    this.estimate = estimate;
  }

  set(ceiling: number | null): void {
    this.ceilings.push(ceiling);
    const next = ceiling ?? Infinity;
    if (next > this.#ceiling && this.estimate < next && next !== Infinity) {
      this.probes += 1;
      this.estimate = Math.max(this.estimate, Math.min(next, this.line));
    }
    this.#ceiling = next;
    this.estimate = Math.min(this.estimate, next);
  }
}

function run(browser: Browser, ceiling: Ceiling, from: number, to: number): void {
  for (let now = from; now < to; now += SECOND) {
    const change = ceiling.observe(browser.estimate, now);
    if (change) browser.set(change.set);
  }
}

describe('a ceiling', () => {
  it('is never set where the line takes plenty', () => {
    const browser = new Browser(PLENTY, PLENTY);
    run(browser, new Ceiling(0), 0, 120 * SECOND);
    expect(browser.ceilings).toEqual([]);
  });

  it('leaves a new connection to find out by itself', () => {
    const browser = new Browser(300_000, PLENTY);
    run(browser, new Ceiling(0), 0, CEILING_RETRY_MS);
    expect(browser.ceilings).toEqual([]);
  });

  it('brings a line that became wide into use within eight seconds, and is gone then', () => {
    const browser = new Browser(60_000, 60_000);
    const ceiling = new Ceiling(0);
    run(browser, ceiling, 0, 60 * SECOND);
    browser.line = 3_000_000;
    run(browser, ceiling, 60 * SECOND, 68 * SECOND);
    expect(browser.estimate).toBeGreaterThan(PLENTY);
    expect(browser.ceilings.at(-1)).toBeNull();
  });

  it('asks a line that stays narrow seldom, and never holds it below what it takes', () => {
    const browser = new Browser(150_000, 150_000);
    run(browser, new Ceiling(0), 0, 60 * SECOND);
    expect(browser.probes).toBeLessThanOrEqual((60 * SECOND) / CEILING_RETRY_MS);
    expect(browser.probes).toBeGreaterThan(5);
    expect(browser.estimate).toBe(150_000);
  });
});
