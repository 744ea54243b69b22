/** Loaded by Vitest beside each test file. */
import { afterAll } from 'vitest';
import { closeBrowsers } from './browser.ts';

afterAll(closeBrowsers);
