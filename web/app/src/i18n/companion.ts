/** What is said to whoever comes along alone: whoever imports this has it. */

import { addTexts } from './catalogues.ts';
import { companion as en } from './en/companion.ts';
import { companion as fr } from './fr/companion.ts';

addTexts({ en, fr });
