/** The patient's page. */

import { openClient } from '@vestibule/client';
import PatientPage from '../patient/PatientPage.svelte';
import { showSecurely } from './start.ts';

showSecurely(PatientPage, () => ({ client: openClient({ role: 'patient' }) }));
