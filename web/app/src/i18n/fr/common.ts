import type { Translation } from '../catalogue.ts';
import type { common as en } from '../en/common.ts';

export const common: Translation<typeof en> = {
  'brand.name': 'Vestibule',
  'brand.tagline': 'Téléconsultations avec salle d’attente',
  'language.label': 'Langue',
  'action.cancel': 'Annuler',
  'action.close': 'Fermer',
  'action.retry': 'Réessayer',
  'action.reload': 'Recharger la page',
  'emergency.title': 'Est-ce une urgence ?',
  'emergency.text': 'N’attendez pas ici.',
  'emergency.call': 'Appeler le 112',
  'status.opening': 'Connexion…',
  'status.slow': 'C’est plus long que d’habitude. Vérifiez votre connexion à internet.',
  'status.reconnecting': 'Connexion perdue. Reconnexion…',
  'status.back': 'La connexion est revenue.',
  'skip.main': 'Aller au contenu',
};
