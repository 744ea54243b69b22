import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['connecting.measure.ts'],
    setupFiles: ['../src/close-browsers.ts'],
    pool: 'forks',
    disableConsoleIntercept: true,
    testTimeout: 10 * 60_000,
    hookTimeout: 60_000,
  },
});
