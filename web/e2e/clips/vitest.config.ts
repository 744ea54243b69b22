import { defineConfig } from 'vitest/config';
import { TEST_MS } from '../src/limits.ts';

export default defineConfig({
  test: { include: ['clips/**/*.clips.ts'], testTimeout: TEST_MS },
});
