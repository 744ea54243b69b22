/** French, but for what one page alone says: the parts that every page has. */

import type { Translation } from '../catalogue.ts';
import type { shared as english } from '../en/shared.ts';
import { common } from './common.ts';
import { company } from './company.ts';
import { consultation } from './consultation.ts';
import { intake } from './intake.ts';
import { media } from './media.ts';
import { patient } from './patient.ts';
import { problems } from './problems.ts';

export const shared: Translation<typeof english> = {
  ...common,
  ...company,
  ...consultation,
  ...intake,
  ...media,
  ...patient,
  ...problems,
};
