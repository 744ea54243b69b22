/** Builds the gallery once for all its tests, and serves it. */

import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { serve } from './server.ts';

const APP = resolve(import.meta.dirname, '../..');

declare module 'vitest' {
  interface ProvidedContext {
    galleryOrigin: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const build = ['vite', 'build', '--mode', 'gallery', '--logLevel', 'error'];
  execFileSync('npx', build, { cwd: APP, stdio: ['ignore', 'ignore', 'inherit'] });
  const server = await serve(join(import.meta.dirname, 'dist/site'));
  project.provide('galleryOrigin', server.origin);
  return () => server.close();
}
