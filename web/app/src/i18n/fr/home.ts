import type { Translation } from '../catalogue.ts';
import type { home as en } from '../en/home.ts';

export const home: Translation<typeof en> = {
  'home.title': 'Vestibule',
  'home.heading': 'Une salle d’attente calme, puis une conversation privée',
  'home.lead':
    'Vestibule est un lieu de téléconsultation. Les patients attendent dans une salle d’attente virtuelle, un praticien les fait entrer, et les deux se parlent en privé.',
  'home.patient.heading': 'Pour les patients',
  'home.patient.text': 'Ouvrez le lien que la clinique vous a envoyé. Il n’y a rien à installer.',
  'home.practitioner.heading': 'Pour les praticiens',
  'home.practitioner.text': 'Ouvrez votre lien personnel sur l’ordinateur où vous travaillez.',
  'home.private.heading': 'Protégé de bout en bout',
  'home.private.text':
    'L’image, le son et les messages sont chiffrés de bout en bout. Les serveurs ne peuvent pas les voir, et rien n’est enregistré.',
};
