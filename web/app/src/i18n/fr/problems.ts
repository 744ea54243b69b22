import type { Translation } from '../catalogue.ts';
import type { problems as en } from '../en/problems.ts';

export const problems: Translation<typeof en> = {
  'problem.token_invalid.heading': 'Ce lien n’est pas valable',
  'problem.token_invalid.text':
    'Il en manque peut-être une partie. Rouvrez le lien de votre message ou demandez-en un nouveau.',
  'problem.token_expired.heading': 'Ce lien a expiré',
  'problem.token_expired.text': 'Demandez un nouveau lien à la personne qui vous l’a envoyé.',
  'problem.token_used.heading': 'Ce lien a déjà été utilisé',
  'problem.token_used.text':
    'Il ne fonctionne que sur un seul appareil. Continuez sur l’appareil où vous l’avez ouvert, ou demandez un nouveau lien.',
  'problem.session_unknown.heading': 'Cette session est terminée',
  'problem.session_unknown.text': 'Rouvrez votre lien pour continuer.',
  'problem.no_link.heading': 'Il faut un lien',
  'problem.no_link.text': 'Ouvrez le lien que vous avez reçu par message ou par e-mail.',
  'problem.unsupported_browser.heading': 'Ce navigateur est trop ancien',
  'problem.unsupported_browser.text':
    'Il ne peut pas chiffrer une conversation vidéo. Utilisez une version récente de Chrome, Edge, Firefox ou Safari.',
  'problem.unsupported_protocol.heading': 'Cette page n’est plus à jour',
  'problem.unsupported_protocol.text':
    'Le service a été mis à jour. Rechargez la page pour continuer.',
  'problem.insecure.heading': 'Cette adresse n’est pas sécurisée',
  'problem.insecure.text':
    'La caméra et le chiffrement ne fonctionnent qu’avec une adresse qui commence par https. Ouvrez le lien qui commence par https ou demandez un tel lien.',
  'problem.network.heading': 'Le service est injoignable',
  'problem.network.text': 'Vérifiez votre connexion à internet, puis rechargez la page.',
  'problem.rate_limited.heading': 'Trop de tentatives',
  'problem.rate_limited.text': 'Attendez une minute, puis réessayez.',
  'problem.waiting_room_full.heading': 'La salle d’attente est pleine',
  'problem.waiting_room_full.text': 'Réessayez un peu plus tard, s’il vous plaît.',
  'problem.other.heading': 'Quelque chose n’a pas fonctionné',
  'problem.other.text': 'Rechargez la page. Si cela se reproduit, contactez la clinique.',
  'problem.replaced.heading': 'Cette page est ouverte ailleurs',
  'problem.replaced.text':
    'Un seul onglet, une seule fenêtre ou un seul appareil peut être utilisé. L’autre prend la suite.',
  'problem.replaced.here': 'Continuer ici',
  'problem.code': 'Code pour l’assistance : {code}',
  'error.unavailable': 'Le serveur n’a pas pu le faire. Veuillez réessayer.',
  'error.network': 'Il n’y a pas de connexion pour le moment. Veuillez réessayer.',
  'error.rate_limited': 'C’était très rapide. Attendez un instant et réessayez.',
  'error.invalid_name': 'Ce nom ne peut pas être utilisé. Veuillez le vérifier.',
  'error.invalid_text':
    'Ce texte est trop long, ou a des caractères qui ne peuvent pas être utilisés.',
  'error.service_closed': 'La salle d’attente est fermée en ce moment.',
  'error.waiting_room_full': 'La salle d’attente est pleine. Réessayez un peu plus tard.',
  'error.visit_ended':
    'Cette visite est terminée. Revenez par le lien de la clinique, ou demandez-lui un autre rendez-vous.',
  'error.invitation_used': 'Cette invitation a déjà été utilisée. Demandez-en une autre.',
  'error.invitation_withdrawn': 'Cette invitation a été retirée. Demandez-en une autre.',
  'error.invitation_expired': 'Cette invitation a expiré. Demandez-en une autre.',
  'error.consultation_full': 'Cinq personnes sont déjà là. Il faut d’abord que quelqu’un parte.',
  'error.too_many': 'Il y en a déjà trop.',
  'error.other': 'Cela n’a pas fonctionné. Veuillez réessayer.',
  'error.practitioner_busy': 'Vous êtes en consultation. Terminez-la ou quittez-la d’abord.',
  'error.off_duty':
    'Vous êtes en pause ou indisponible. Mettez-vous disponible pour faire entrer quelqu’un.',
  'error.shielded':
    'Les limites, pauses et repos ne permettent pas de consultation maintenant. Prenez la pause.',
  'error.not_in_consultation': 'La consultation était déjà terminée.',
  'error.patient_away':
    'La connexion du patient est interrompue. Faites-le entrer quand il sera de retour.',
  'error.visit_not_waiting': 'Ce patient n’attend plus.',
  'error.others_wait_too_long':
    'Quelqu’un attend depuis trop longtemps pour être encore dépassé. Veuillez d’abord le recevoir.',
};
