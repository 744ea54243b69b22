import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['performance.measure.ts'],
    setupFiles: ['../src/close-browsers.ts'],
    pool: 'forks',
    disableConsoleIntercept: true,
    // A hundred admissions, each with a fresh page.
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
  },
});
