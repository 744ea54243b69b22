/** French, as it is spoken in Belgium. */

import type { Catalogue } from '../catalogue.ts';
import { console } from './console.ts';
import { shared } from './shared.ts';

export const fr: Catalogue = { ...shared, ...console };
