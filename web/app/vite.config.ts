import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { budgetPlugin } from './build/budget.ts';

const page = (name: string) => resolve(import.meta.dirname, `${name}.html`);

// `--mode gallery` builds the gallery of all states instead of the pages; it is never served. A folder
// called `dist` inside `test` is nobody's source: no formatter, no build and no commit takes it up.
export default defineConfig(({ mode }) => {
  const gallery = mode === 'gallery';
  return {
    plugins: [svelte(), ...(gallery ? [] : [budgetPlugin('budget.json')])],
    worker: { format: 'es' as const },
    build: {
      target: 'es2022',
      outDir: gallery ? 'test/gallery/dist/site' : 'dist',
      // The content security policy allows files of our own origin and nothing inline.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: gallery
          ? [page('gallery')]
          : [page('index'), page('visit'), page('console'), page('companion')],
      },
    },
    test: {
      projects: [
        { extends: true as const, test: { name: 'unit', include: ['test/*.test.ts'] } },
        {
          extends: true as const,
          test: {
            name: 'gallery',
            include: ['test/gallery/*.test.ts'],
            globalSetup: 'test/gallery/setup.ts',
            // A browser on a busy machine; nothing here waits by the clock.
            testTimeout: 30_000,
            hookTimeout: 60_000,
          },
        },
      ],
    },
  };
});
