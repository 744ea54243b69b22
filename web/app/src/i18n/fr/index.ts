/** French, as it is spoken in Belgium. */

import type { Catalogue } from '../catalogue.ts';
import { companion } from './companion.ts';
import { console } from './console.ts';
import { home } from './home.ts';
import { shared } from './shared.ts';
import { signIn } from './sign-in.ts';

export const fr: Catalogue = { ...shared, ...companion, ...console, ...home, ...signIn };
