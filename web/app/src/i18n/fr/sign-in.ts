import type { Translation } from '../catalogue.ts';
import type { signIn as en } from '../en/sign-in.ts';

export const signIn: Translation<typeof en> = {
  'sign-in.action': 'Se connecter',
  'sign-in.again': 'Se connecter de nouveau',
  'sign-in.without': 'Continuer sans se connecter',
  'sign-in.why':
    'Connectez-vous, et la clinique sait qui vous êtes : elle retrouve votre rendez-vous et votre place, ici et sur un autre appareil. Ou continuez ci-dessous.',
  'sign-in.unavailable':
    'Le service où vous vous connectez ne répond pas. Réessayez dans quelques minutes.',
  'sign-in.console.heading': 'Connectez-vous à la console',
  'sign-in.console.text':
    'Connectez-vous avec votre compte et son second facteur, ou ouvrez le lien que vous avez reçu.',
  'problem.sign_in_refused.heading': 'Vous n’êtes pas connecté',
  'problem.sign_in_refused.text': 'La connexion a été annulée, ou elle n’a pas été confirmée.',
  'problem.sign_in_expired.heading': 'La connexion a pris trop de temps',
  'problem.sign_in_expired.text':
    'Elle est valable une fois, pendant dix minutes, et dans le navigateur où elle a été commencée.',
  'problem.sign_in_unavailable.heading': 'Se connecter n’est pas possible en ce moment',
  'problem.sign_in_unavailable.text':
    'Le service où vous vous connectez ne répond pas. Réessayez dans quelques minutes.',
  'problem.sign_in_unknown.heading': 'Ce compte n’est pas connu ici',
  'problem.sign_in_unknown.text':
    'Demandez à la clinique de l’enregistrer pour vous, ou ouvrez votre lien.',
  'problem.second_factor_missing.heading': 'Il faut un second facteur',
  'problem.second_factor_missing.text':
    'Activez-le là où vous vous connectez, puis connectez-vous de nouveau. Il protège vos patients.',
};
