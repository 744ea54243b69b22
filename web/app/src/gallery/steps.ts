/** Does a scene's steps on the page, as a person would: by the names of the controls. */

import { tick } from 'svelte';
import type { I18n } from '../i18n/i18n.svelte.ts';
import type { FixtureClient } from './client.ts';
import type { Step } from './fixtures/scene.ts';

const CONTROLS = 'button, summary, input, textarea, select, a';
const FIELDS = 'input, textarea, select';

const plain = (text: string) => text.replace(/\s+/g, ' ').trim();

function nameOf(element: HTMLElement): string {
  const label = element.ariaLabel;
  if (label) return plain(label);
  if (element.matches(FIELDS)) {
    return plain((element as HTMLInputElement).labels?.[0]?.textContent ?? '');
  }
  const shown = element.querySelector('.name')?.textContent ?? element.textContent;
  return plain(shown ?? '');
}

function find(name: string, kinds = CONTROLS): HTMLElement {
  const controls = document.querySelectorAll<HTMLElement>(kinds);
  const found = [...controls].find((control) => nameOf(control) === plain(name));
  if (!found) throw new Error(`There is no control that is called ${name}.`);
  return found;
}

async function take(step: Step, i18n: I18n, client: FixtureClient): Promise<void> {
  if ('press' in step) {
    find(step.press(i18n)).click();
  } else if ('then' in step) {
    client.become(step.then());
  } else {
    const field = find(step.write(i18n), FIELDS) as HTMLInputElement;
    field.value = step.text;
    for (const event of ['input', 'change'])
      field.dispatchEvent(new Event(event, { bubbles: true }));
  }
  await tick();
}

export async function takeSteps(
  steps: readonly Step[],
  i18n: I18n,
  client: FixtureClient,
): Promise<void> {
  await tick();
  for (const step of steps) await take(step, i18n, client);
}
