import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['quality.measure.ts'],
    setupFiles: ['../src/close-browsers.ts'],
    pool: 'forks',
    env: { LIVELY_CAMERA: '1' },
    disableConsoleIntercept: true,
    testTimeout: 10 * 60_000,
    hookTimeout: 60_000,
  },
});
