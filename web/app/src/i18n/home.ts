/** What the first page says alone: whoever imports this has it. */

import { addTexts } from './catalogues.ts';
import { home as en } from './en/home.ts';
import { home as fr } from './fr/home.ts';

addTexts({ en, fr });
