/** The console's part of the catalogues: whoever imports this has it. */

import { addTexts } from './catalogues.ts';
import { console as en } from './en/console.ts';
import { console as fr } from './fr/console.ts';

addTexts({ en, fr });
