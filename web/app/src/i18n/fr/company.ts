import type { Translation } from '../catalogue.ts';
import type { company as en } from '../en/company.ts';

export const company: Translation<typeof en> = {
  'company.heading': 'Accompagnants',
  'company.text':
    'Trois personnes au plus peuvent se joindre à la consultation, chacune par son propre lien.',
  'company.role': 'Qui invitez-vous ?',
  'company.role.parent': 'Un parent ou un tuteur',
  'company.role.interpreter': 'Un interprète',
  'company.role.second_practitioner': 'Un deuxième praticien',
  'company.role.other': 'Quelqu’un d’autre',
  'company.as.parent': 'parent ou tuteur',
  'company.as.interpreter': 'interprète',
  'company.as.second_practitioner': 'deuxième praticien',
  'company.as.other': 'accompagnant',
  'company.make': 'Créer un lien',
  'company.link': 'Le lien, pour une personne',
  'company.link.hint':
    'Envoyez-le vous-même à cette personne. C’est la première à l’ouvrir qui se joint à vous.',
  'company.copy': 'Copier le lien',
  'company.copied': 'Le lien est copié.',
  'company.invited': 'sur invitation',
  'company.there': 'présent',
  'company.away': 'absent',
  'company.with': 'Avec {names}',
  'company.withdraw': 'Retirer',
  'company.withdraw.name': 'Retirer l’invitation : {role}',
  'company.show_out': 'Faire sortir',
  'company.show_out.name': 'Faire sortir {name}',
  'company.chat': 'Qui se joint à vous pourra lire ce qui a déjà été écrit dans les messages.',
  'company.open': 'Inviter',
  'company.open.name': 'Accompagnants, et inviter quelqu’un',
};
