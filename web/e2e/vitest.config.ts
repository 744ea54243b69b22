import { defineConfig } from 'vitest/config';
import { TEST_MS } from './src/limits.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['src/close-browsers.ts'],
    // Two cores: browsers of two files at once would only slow each other down.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
  },
});
