/** English, but for what one page alone says: the parts that every page has. */

import { common } from './common.ts';
import { company } from './company.ts';
import { consultation } from './consultation.ts';
import { intake } from './intake.ts';
import { media } from './media.ts';
import { patient } from './patient.ts';
import { problems } from './problems.ts';

export const shared = {
  ...common,
  ...company,
  ...consultation,
  ...intake,
  ...media,
  ...patient,
  ...problems,
} as const;
