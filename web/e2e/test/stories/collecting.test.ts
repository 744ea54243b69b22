import { expect, it } from 'vitest';
import type { Participant } from '../../src/browser.ts';
import { consult } from '../../src/steps.ts';
import { inWorld } from '../../src/world.ts';

/** In the worker: has the browser throw away, at each new transform, all that nobody holds on to. */
const TIDY = `;addEventListener('rtctransform', () => globalThis.gc({ type: 'major', execution: 'async' }));`;

/** Gives this page's worker the habit above; resolves with how many scripts got it. */
async function tidyOften({ context }: Participant): Promise<() => number> {
  let changed = 0;
  await context.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    changed += 1;
    await route.fulfill({ response, body: (await response.text()) + TIDY });
  });
  return () => changed;
}

it(
  'a browser that tidies its memory while it connects does not silence anybody',
  inWorld({}, async (world) => {
    const opened: (() => number)[] = [];
    const prepare = async (participant: Participant) =>
      void opened.push(await tidyOften(participant));
    await consult(world, { switches: ['--js-flags=--expose-gc'], prepare });
    for (const changed of opened) expect(changed()).toBe(1);
  }),
);
