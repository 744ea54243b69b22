/** English, but for the console: the parts that every page has. */

import { common } from './common.ts';
import { company } from './company.ts';
import { consultation } from './consultation.ts';
import { home } from './home.ts';
import { intake } from './intake.ts';
import { media } from './media.ts';
import { patient } from './patient.ts';
import { problems } from './problems.ts';

export const shared = {
  ...common,
  ...company,
  ...consultation,
  ...home,
  ...intake,
  ...media,
  ...patient,
  ...problems,
} as const;
