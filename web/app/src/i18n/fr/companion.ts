import type { Translation } from '../catalogue.ts';
import type { companion as en } from '../en/companion.ts';

export const companion: Translation<typeof en> = {
  'companion.title.invited': 'Vous êtes invité',
  'companion.title.waiting': 'Salle d’attente',
  'companion.title.away': 'Vous étiez absent',
  'companion.away.heading': 'Vous étiez absent un moment',
  'companion.away.text': 'Les autres ont continué sans vous. Votre place est gardée.',
  'companion.away.rejoin': 'Revenir',
  'companion.title.over': 'Vous n’êtes plus ici',
  'companion.lead': 'Vous participez à une téléconsultation comme {role}.',
  'companion.staff':
    'Un praticien est connecté dans ce navigateur. Si c’est vous, demandez plutôt à votre collègue de vous inviter dans la console : vous viendrez sous votre nom. Par ce lien, vous venez comme invité et ne pouvez pas voir vos propres patients entre-temps. Si ce n’est pas vous, utilisez un autre navigateur.',
  'companion.with': 'Vous attendez avec {name}',
  'companion.next': 'C’est votre tour. Le praticien vous fait entrer dès que possible.',
  'companion.place': 'Numéro {place} dans la salle d’attente.',
  'companion.before': '{name} n’est pas encore dans la salle d’attente.',
  'companion.leave': 'Quitter',
  'companion.leave.heading': 'Quitter ?',
  'companion.leave.text': 'Les autres restent. Vous ne pourrez pas revenir par le même lien.',
  'companion.over.left.heading': 'Vous êtes parti',
  'companion.over.left.text': 'Les autres continuent sans vous.',
  'companion.over.withdrawn.heading': 'Vous n’êtes plus invité',
  'companion.over.withdrawn.text':
    'Votre invitation a été retirée. Adressez-vous à la personne qui vous a invité.',
  'companion.over.expired.heading': 'Votre invitation a expiré',
  'companion.over.expired.text': 'Demandez un nouveau lien à la personne qui vous a invité.',
  'companion.over.visit_ended.heading': 'La visite est terminée',
  'companion.over.visit_ended.text': 'Merci d’avoir été présent.',
};
