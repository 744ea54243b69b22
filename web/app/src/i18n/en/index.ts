/** English: the catalogue that the others are measured by. */

import { companion } from './companion.ts';
import { console } from './console.ts';
import { home } from './home.ts';
import { shared } from './shared.ts';
import { signIn } from './sign-in.ts';

export const en = { ...shared, ...companion, ...console, ...home, ...signIn } as const;
