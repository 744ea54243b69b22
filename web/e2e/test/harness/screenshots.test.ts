import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Participant } from '../../src/browser.ts';
import { capture, seriousProblems } from '../../src/screenshots.ts';
import { serve } from './page.ts';

const SOUND = `<!doctype html><html lang="en"><title>Sound</title>
  <style>:root { color-scheme: light dark }</style>
  <main><h1>A page</h1><button>Press</button></main></html>`;
const UNSOUND = `<!doctype html><html lang="en"><title>Unsound</title>
  <main><h1>A page</h1><button></button><p style="color: #ccc">pale</p></main></html>`;
const FOLDER = join(import.meta.dirname, '..', '..', 'screenshots');
const VARIANTS = ['phone-light', 'phone-dark', 'desktop-light', 'desktop-dark'];

let patient: Participant;

beforeAll(async () => {
  patient = await Participant.open('patientA');
});

afterAll(() => patient.close());

async function open(html: string): Promise<void> {
  const { server, url } = await serve(html);
  await patient.page.goto(url);
  server.close();
}

it('writes a picture for phone and desktop, light and dark, where pictures are wanted', async () => {
  const paths = VARIANTS.map((variant) => join(FOLDER, `harness-${variant}.png`));
  for (const path of paths) rmSync(path, { force: true });
  await open(SOUND);
  await capture(patient.page, 'harness', true);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  for (const path of paths) rmSync(path);
  expect(patient.page.viewportSize()).toEqual({ width: 1280, height: 800 });
});

it('finds a button without a name and a text too pale', async () => {
  await open(UNSOUND);
  const problems = await seriousProblems(patient.page);
  expect(problems.some((problem) => problem.startsWith('button-name'))).toBe(true);
  expect(problems.some((problem) => problem.startsWith('color-contrast'))).toBe(true);
});
