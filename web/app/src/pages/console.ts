/** The practitioner's console. */

import '../i18n/console.ts';
import { openClient } from '@vestibule/client';
import ConsolePage from '../console/ConsolePage.svelte';
import { showSecurely } from './start.ts';

showSecurely(ConsolePage, () => ({ client: openClient({ role: 'practitioner' }) }));
