/** What is said of signing in, which few clinics have: whoever imports this has it. */

import { addTexts } from './catalogues.ts';
import { signIn as en } from './en/sign-in.ts';
import { signIn as fr } from './fr/sign-in.ts';

addTexts({ en, fr });
