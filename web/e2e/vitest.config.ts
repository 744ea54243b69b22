import { defineConfig } from 'vitest/config';
import { TEST_MS } from './src/limits.ts';

/** What happens on bad lines and after failures, where the machine's own hurry would add to what is tested. */
const LINES = ['lines', 'redundancy', 'resuming', 'sending', 'sleeping'].map(
  (story) => `test/stories/${story}.test.ts`,
);

export default defineConfig({
  test: {
    setupFiles: ['src/close-browsers.ts'],
    // Two cores: browsers of more files at once would only slow each other down.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    // `scripts/test.sh` begins the second beside other tests, which mostly wait, and runs the first alone.
    projects: [
      { extends: true, test: { name: 'lines', include: LINES } },
      { extends: true, test: { name: 'browsers', include: ['test/**/*.test.ts'], exclude: LINES } },
    ],
  },
});
