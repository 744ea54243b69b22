/** What is measured on each scene. */

import axe from 'axe-core';
import type { Page } from 'playwright-core';

const SERIOUS = ['serious', 'critical'];

/** Breaches of WCAG 2.2 A and AA that are serious or critical, as one line each. */
export async function accessibilityBreaches(page: Page): Promise<string[]> {
  const result = await page.evaluate(async () => {
    const runner = (window as unknown as { axe: typeof axe }).axe;
    return runner.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    });
  });
  return result.violations
    .filter((violation) => SERIOUS.includes(violation.impact ?? ''))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`);
}

/** Controls smaller than WCAG 2.2's 24 px, and pages that scroll sideways. */
export function layoutBreaches(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const breaches: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      breaches.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
    }
    for (const control of document.querySelectorAll('button, a, select, summary, input')) {
      const box = control.getBoundingClientRect();
      const small = box.width > 0 && (box.height < 24 || box.width < 24);
      const labelled = control instanceof HTMLInputElement && control.closest('label');
      if (small && !labelled) breaches.push(`small target: ${control.outerHTML.slice(0, 90)}`);
    }
    return breaches;
  });
}

/** Texts that are cut off although nobody meant them to be. */
export function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const clipped: string[] = [];
    for (const element of document.querySelectorAll('button span, h1, h2, p, label')) {
      const box = element.getBoundingClientRect();
      const hidden = element.closest('.visually-hidden, [aria-hidden=true]') !== null;
      if (!hidden && box.width > 1 && (box.right > window.innerWidth + 1 || box.left < -1)) {
        clipped.push(element.textContent?.trim().slice(0, 60) ?? '');
      }
    }
    return clipped;
  });
}

export async function addAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}
