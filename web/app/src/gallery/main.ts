/**
 * The gallery: every page in every state, from made-up states and without a server. For people who
 * work on the pages, and for the screenshots; it is no part of what is served.
 *
 * `#scene-id` shows one scene; `?lang=fr` chooses the language.
 */

import '../consultation/Consultation.svelte';
import '../i18n/companion.ts';
import '../i18n/console.ts';
import '../i18n/home.ts';
import '../i18n/sign-in.ts';
import '../styles/base.css';
import type { VestibuleClient } from '@vestibule/client';
import { type Component, mount, unmount } from 'svelte';
import CompanionPage from '../companion/CompanionPage.svelte';
import ConsolePage from '../console/ConsolePage.svelte';
import HomePage from '../home/HomePage.svelte';
import { I18n, i18nContext } from '../i18n/i18n.svelte.ts';
import { type Language, chooseLanguage } from '../i18n/language.ts';
import { clockContext } from '../lib/clock.svelte.ts';
import PatientPage from '../patient/PatientPage.svelte';
import InsecurePage from '../problems/InsecurePage.svelte';
import { fixtureClient } from './client.ts';
import { SCENES } from './fixtures/index.ts';
import type { GalleryScene } from './fixtures/scene.ts';
import { NOW } from './fixtures/states.ts';
import SceneList from './SceneList.svelte';
import type { Gallery } from './gallery.ts';
import { takeSteps } from './steps.ts';

/** Every page takes the client; those that need none ignore it. */
const PAGES: Readonly<Record<GalleryScene['page'], Component<{ client: VestibuleClient }>>> = {
  patient: PatientPage,
  console: ConsolePage,
  companion: CompanionPage,
  home: HomePage as Component,
  insecure: InsecurePage as Component,
};

let shown: Record<string, unknown> | null = null;

function stage(): HTMLElement {
  const target = document.getElementById('app');
  if (!target) throw new Error('The page has no place for a scene.');
  return target;
}

async function show(id: string, language: Language): Promise<void> {
  const scene = SCENES.find((candidate) => candidate.id === id);
  if (!scene) throw new Error(`There is no scene that is called ${id}.`);
  if (shown) await unmount(shown);
  const i18n = new I18n(language);
  const client = fixtureClient(scene.state(), scene);
  gallery.client = client;
  const root = document.documentElement;
  root.lang = language;
  if (scene.page === 'console') root.dataset['density'] = 'compact';
  else delete root.dataset['density'];
  const context = new Map<unknown, unknown>([i18nContext(i18n), clockContext({ now: NOW })]);
  shown = mount(PAGES[scene.page], { target: stage(), props: { client }, context });
  window.scrollTo(0, 0);
  // Parts that pages fetch later are here already: it takes a task until they are shown.
  await new Promise((resolve) => setTimeout(resolve));
  await takeSteps(scene.steps ?? [], i18n, client);
}

const gallery: Gallery = { scenes: SCENES.map((scene) => scene.id), show, client: null };
Object.assign(window, { gallery });

const asked = location.hash.slice(1);
if (asked) {
  void show(asked, chooseLanguage(location.search, null, navigator.languages));
} else {
  shown = mount(SceneList, { target: stage(), props: { scenes: gallery.scenes } });
}
