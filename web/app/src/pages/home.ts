/** The page for somebody who opens the server's root. */

import HomePage from '../home/HomePage.svelte';
import { show } from './start.ts';

show(HomePage, {});
