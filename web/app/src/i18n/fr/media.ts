import type { Translation } from '../catalogue.ts';
import type { media as en } from '../en/media.ts';

export const media: Translation<typeof en> = {
  'media.camera': 'Caméra',
  'media.microphone': 'Micro',
  'media.speaker': 'Haut-parleur',
  'media.start': 'Activer la caméra et le micro',
  'media.asking': 'En attente de votre autorisation…',
  'media.asking.hint': 'Votre navigateur demande une autorisation. Choisissez « Autoriser ».',
  'media.idle': 'Votre caméra est éteinte',
  'media.preview': 'Votre propre image',
  'media.preview.off': 'La caméra est éteinte',
  'media.preview.none': 'Pas d’image',
  'media.private':
    'Avant votre entrée, personne d’autre ne voit cette image. Rien n’est enregistré.',
  'media.level': 'Niveau du micro',
  'media.level.hint': 'Dites quelques mots. La barre bouge si votre micro fonctionne.',
  'media.level.off': 'Votre micro est coupé.',
  'media.speaker.test': 'Écouter un son de test',
  'media.speaker.hint': 'Montez le volume jusqu’à bien l’entendre.',
  'media.speaker.playing': 'Lecture…',
  'media.speaker.failed': 'Le son n’a pas pu être joué.',
  'media.devices': 'Utiliser un autre appareil',
  'media.device.unnamed': 'Appareil {number}',
  'media.device.default': 'Au choix de l’appareil',
  'media.denied.title': 'La caméra et le micro sont bloqués',
  'media.denied.chrome':
    'Touchez le symbole à gauche de l’adresse, autorisez la caméra et le micro, puis réessayez.',
  'media.denied.firefox':
    'Cliquez sur le symbole barré à gauche de l’adresse, levez le blocage, puis réessayez.',
  'media.denied.safari':
    'Ouvrez le menu Safari > Réglages pour ce site web, autorisez la caméra et le micro, puis réessayez.',
  'media.denied.ios':
    'Touchez le symbole près de l’adresse, puis Réglages du site web, autorisez la caméra et le micro, et réessayez.',
  'media.denied.other':
    'Autorisez la caméra et le micro pour cette page dans les réglages de votre navigateur, puis réessayez.',
  'media.missing.title': 'Aucune caméra ou aucun micro trouvé',
  'media.missing.text': 'Branchez-en un, ou continuez sur un téléphone, puis réessayez.',
  'media.in_use.title': 'Un autre programme utilise votre caméra ou votre micro',
  'media.in_use.text': 'Fermez les autres programmes et onglets de vidéo, puis réessayez.',
  'media.failed.title': 'La caméra ou le micro n’a pas démarré',
  'media.failed.text': 'Réessayez. Si cela se reproduit, redémarrez votre appareil.',
  'media.only.microphone':
    'Seul votre micro fonctionne. Le praticien vous entendra sans vous voir.',
  'media.only.camera': 'Seule votre caméra fonctionne. Le praticien vous verra sans vous entendre.',
  'media.stuck.microphone.title': 'Votre micro ne s’est pas activé',
  'media.stuck.microphone':
    'Les autres ne vous entendent pas. Fermez les autres programmes de vidéo, ou rebranchez le micro. Puis appuyez encore sur « Micro ». Si votre navigateur demande une autorisation, choisissez « Autoriser ».',
  'media.stuck.camera.title': 'Votre caméra ne s’est pas activée',
  'media.stuck.camera':
    'Les autres ne vous voient pas. Fermez les autres programmes de vidéo, ou rebranchez la caméra. Puis appuyez encore sur « Caméra ». Si votre navigateur demande une autorisation, choisissez « Autoriser ».',
  'media.ready': 'Votre caméra et votre micro fonctionnent',
};
