/** Pictures of a page's state as people will see it, each checked for accessibility. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { VIEWPORTS } from './browser.ts';

const FOLDER = join(import.meta.dirname, '..', 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA, and what axe calls best practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SCHEMES = ['light', 'dark'] as const;
/** `make screenshots` asks for pictures; nobody looks at those of a test run, and they take most of its time. */
const PICTURES = process.env['SCREENSHOTS'] === '1';
/** Each size and each scheme once: colours do not depend on the size. A check takes half a second. */
const CHECKED: readonly string[] = ['phone-light', 'desktop-dark'];

/**
 * Throws when the page has a serious accessibility problem, and writes `NAME-phone-light.png` and so on, four in all,
 * where pictures are wanted. The page is left as it was found.
 */
export async function capture(page: Page, name: string, pictures = PICTURES): Promise<void> {
  const before = page.viewportSize();
  const problems: string[] = [];
  for (const [viewport, size] of Object.entries(VIEWPORTS)) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      const checked = CHECKED.includes(`${viewport}-${colorScheme}`);
      if (!checked && !pictures) continue;
      await page.emulateMedia({ colorScheme });
      const variant = `${name}-${viewport}-${colorScheme}`;
      await comesToRest(page);
      if (pictures) await takePicture(page, variant);
      if (!checked) continue;
      problems.push(...(await seriousProblems(page)).map((problem) => `${variant}: ${problem}`));
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  if (problems.length > 0) throw new Error(`accessibility:\n${problems.join('\n')}`);
}

/**
 * Resolves once no colour is on its way to another; what moves without end goes on. It looks at each frame: what an animation
 * promises of its end is never told when its element goes first, and where one ends what inherits from it may begin.
 */
function comesToRest(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const moves = (it: Animation) =>
      it.playState === 'running' && it.effect?.getComputedTiming().endTime !== Infinity;
    for (let calmFrames = 0; calmFrames < 3;) {
      await new Promise(requestAnimationFrame);
      calmFrames = document.getAnimations().some(moves) ? 0 : calmFrames + 1;
    }
  });
}

async function takePicture(page: Page, variant: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${variant}.png`), animations: 'disabled' });
}

/** One sentence for each element that axe finds seriously or critically wrong. */
export async function seriousProblems(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values): Promise<AxeResults> => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    return axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
  }, RULES);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}
