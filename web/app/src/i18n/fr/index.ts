/** French, as it is spoken in Belgium. */

import type { Catalogue } from '../catalogue.ts';
import { common } from './common.ts';
import { company } from './company.ts';
import { console } from './console.ts';
import { consultation } from './consultation.ts';
import { home } from './home.ts';
import { intake } from './intake.ts';
import { media } from './media.ts';
import { patient } from './patient.ts';
import { problems } from './problems.ts';

export const fr: Catalogue = {
  ...common,
  ...company,
  ...console,
  ...consultation,
  ...home,
  ...intake,
  ...media,
  ...patient,
  ...problems,
};
