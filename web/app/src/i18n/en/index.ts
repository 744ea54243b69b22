/** English: the catalogue that the others are measured by. */

import { console } from './console.ts';
import { shared } from './shared.ts';

export const en = { ...shared, ...console } as const;
