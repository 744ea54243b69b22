export const home = {
  'home.title': 'Vestibule',
  'home.heading': 'A quiet waiting room, then a private conversation',
  'home.lead':
    'Vestibule is a place for video consultations. Patients wait in a virtual waiting room, a practitioner admits them, and the two talk in private.',
  'home.patient.heading': 'For patients',
  'home.patient.text':
    'Open the link that you received from the clinic. There is nothing to install.',
  'home.practitioner.heading': 'For practitioners',
  'home.practitioner.text': 'Open your personal link on the computer that you work on.',
  'home.private.heading': 'Private by design',
  'home.private.text':
    'Picture, sound and messages are encrypted from end to end. The servers cannot see them, and nothing is recorded.',
} as const;
