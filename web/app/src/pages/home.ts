/** The page for somebody who opens the server's root. */

import '../i18n/home.ts';
import HomePage from '../home/HomePage.svelte';
import { show } from './start.ts';

show(HomePage, {});
