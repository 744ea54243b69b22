/** What every page begins with: its language, its clock, and a place to be shown. */

import '../styles/base.css';
import '../styles/fallback.css';
import { type Component, mount } from 'svelte';
import { I18n, i18nContext } from '../i18n/i18n.svelte.ts';
import { type Language, chooseLanguage } from '../i18n/language.ts';
import { clockContext, TickingClock } from '../lib/clock.svelte.ts';
import { readPreference, writePreference } from '../lib/preferences.ts';
import InsecurePage from '../problems/InsecurePage.svelte';

function chosen(language: Language): void {
  document.documentElement.lang = language;
  writePreference('language', language);
}

function pageLanguage(): I18n {
  const language = chooseLanguage(location.search, readPreference('language'), navigator.languages);
  document.documentElement.lang = language;
  return new I18n(language, chosen);
}

/** Puts a component in the place of the page's fallback text. */
export function show<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: Props,
): void {
  const target = document.getElementById('app');
  if (!target) return;
  const clock = new TickingClock();
  clock.start();
  target.replaceChildren();
  const context = new Map<unknown, unknown>([i18nContext(pageLanguage()), clockContext(clock)]);
  mount(component, { target, props, context });
}

/** Without https there is neither camera nor encryption: the page says so instead of failing. */
export function showSecurely<Props extends Record<string, unknown>>(
  component: Component<Props>,
  props: () => Props,
): void {
  if (window.isSecureContext) show(component, props());
  else show(InsecurePage, {});
}
