/** The page of whoever comes along. */

import '../i18n/companion.ts';
import { openClient } from '@vestibule/client';
import CompanionPage from '../companion/CompanionPage.svelte';
import { showSecurely } from './start.ts';

showSecurely(CompanionPage, () => ({ client: openClient({ role: 'companion' }) }));
