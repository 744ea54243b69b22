import type { Translation } from '../catalogue.ts';
import type { intake as en } from '../en/intake.ts';

export const intake: Translation<typeof en> = {
  'wait.between': 'Environ {low} à {high} minutes d’attente',
  'wait.at_most': 'Environ {high} minutes d’attente au plus',
  'wait.note': 'C’est le cas pour quatre personnes sur cinq.',
  'intake.heading': 'Avant votre tour',
  'intake.lead': 'Votre place est gardée. On pourra vous recevoir dès que ceci est fait.',
  'intake.done': 'Tout est prêt. Restez sur cette page.',
  'form.heading': 'Quelques questions sur votre santé',
  'form.lead': 'Le praticien lit vos réponses avant de vous voir.',
  'form.required': 'réponse nécessaire',
  'form.yes': 'Oui',
  'form.no': 'Non',
  'form.number': 'De {min} à {max} {unit}',
  'form.number.wrong': 'Indiquez un nombre de {min} à {max}, s’il vous plaît.',
  'form.text.long_one': '{count} caractère en trop',
  'form.text.long_other': '{count} caractères en trop',
  'form.missing': 'Veuillez répondre à cette question.',
  'form.send': 'Envoyer mes réponses',
  'form.sent': 'Vos réponses sont arrivées à la clinique.',
  'form.alarm': 'Ceci peut être une urgence',
  'form.alarm.text':
    'N’attendez pas une consultation vidéo. Appelez le 112 maintenant. Si vous avez choisi cette réponse par erreur, changez-la ci-dessus.',
  'form.alarm.stop': 'C’est bien cela : arrêter ici',
  'consent.heading': 'Votre consentement',
  'consent.text':
    'Le praticien peut-il consulter votre dossier médical et vous soigner par vidéo ? L’image et le son sont chiffrés et jamais enregistrés. Vous pouvez retirer votre consentement à tout moment.',
  'consent.changed': 'Le texte a changé. Veuillez le relire avant de répondre.',
  'consent.give': 'Oui, je consens',
  'consent.refuse': 'Non, je refuse',
  'consent.given': 'Vous avez donné votre consentement à {time}.',
  'consent.refused':
    'Vous ne consentez pas. Sans votre consentement, le praticien ne peut pas vous recevoir.',
  'consent.revoked':
    'Vous avez retiré votre consentement. Sans lui, le praticien ne peut pas vous recevoir.',
  'consent.revoke': 'Retirer mon consentement',
  'gate.identity': 'Qui vous êtes',
  'gate.identity.text':
    'Ce lien seul ne montre pas qui vous êtes. Identifiez-vous sur le site de la clinique, par exemple avec itsme, ou appelez la clinique.',
  'gate.eligibility': 'Une première visite sur place',
  'gate.eligibility.text':
    'Le praticien ne vous connaît pas encore et ne peut vous voir par vidéo que pour une raison précise.',
  'gate.entitlement': 'Votre mutuelle',
  'gate.entitlement.text': 'On demande à votre mutuelle si la consultation est couverte.',
  'gate.consent': 'Votre consentement',
  'gate.symptom_form': 'Questions sur votre santé',
  'gate.emergency_screen': 'Questions sur votre santé',
  'gate.payment': 'Paiement',
  'gate.payment.text':
    'Payez comme la clinique vous l’a indiqué. Cette page le remarque toute seule.',
  'gate.quota': 'Nombre de consultations',
  'gate.quota.text': 'La clinique vérifie combien de consultations vous avez eues.',
  'gate.companion.parent': 'Un parent ou un tuteur',
  'gate.companion.interpreter': 'Un interprète',
  'gate.companion.second_practitioner': 'Un second praticien',
  'gate.companion.other': 'Une personne qui vous accompagne',
  'gate.companion.text':
    'Cette personne doit être là aussi. La clinique lui envoie son propre lien.',
  'gate.device_check': 'Caméra et micro',
  'gate.device_check.text': 'Activez votre caméra et votre micro, pour savoir s’ils fonctionnent.',
  'gate.hand.text': 'Quelqu’un de la clinique s’en occupe. Vous n’avez rien à faire.',
  'gate.until': 'Une réponse est attendue avant {time}.',
  'gate.level_too_low':
    'On ne sait pas assez sûrement qui vous êtes. Identifiez-vous sur le site de la clinique, par exemple avec itsme, ou appelez la clinique.',
  'gate.not_eligible':
    'Le praticien ne vous connaît pas encore. Choisissez la raison pour laquelle vous avez besoin d’une consultation vidéo, ou appelez la clinique.',
  'gate.not_eligible.final':
    'Le praticien ne vous connaît pas encore et doit d’abord vous voir sur place. Veuillez appeler la clinique.',
  'gate.not_entitled':
    'Votre mutuelle ne couvre pas cette consultation. Appelez la clinique pour trouver une autre solution.',
  'gate.not_paid': 'Le paiement n’a pas réussi. Veuillez l’essayer encore une fois.',
  'gate.quota_reached':
    'Vous avez eu autant de consultations que cette période en permet. Appelez votre médecin.',
  'gate.device_unsuitable':
    'Votre caméra ou votre micro ne fonctionne pas. Réessayez, ou prenez un autre téléphone ou ordinateur.',
  'gate.other': 'La clinique refuse. Veuillez l’appeler.',
  'gate.words': 'La clinique vous écrit : {text}',
  'gate.expired': 'La réponse n’est pas venue à temps. Votre place est gardée.',
  'gate.expired.staff':
    'La réponse n’est pas venue à temps. La clinique doit redemander : veuillez l’appeler.',
  'gate.ask_again': 'Redemander',
  'gate.check_devices': 'Activer la caméra et le micro',
  'claim.own_doctor_not_available': 'Mon médecin n’est pas disponible',
  'claim.on_call_service': 'J’ai besoin du médecin de garde',
  'claim.cannot_travel': 'Je ne peux pas me déplacer',
  'closed.heading': 'Nous sommes fermés en ce moment',
  'closed.heading.full': 'La salle d’attente ne prend plus personne',
  'closed.closed': 'Ce service ne reçoit pas de patients pour le moment.',
  'closed.nobody_practises': 'Personne ne propose ce service pour le moment.',
  'closed.outside_hours': 'Vous venez en dehors des heures d’ouverture.',
  'closed.nobody_on_shift': 'Aucun praticien n’est au travail pour le moment.',
  'closed.shifts_full':
    'Il y a autant de personnes, présentes ou attendues, que les praticiens peuvent encore recevoir. Nous ne voulons pas que vous attendiez pour rien.',
  'closed.opens': 'Réouverture {when}.',
  'closed.opens.today': 'Réouverture à {when}.',
  'closed.opens.unknown':
    'On ne sait pas encore quand cela rouvrira. Veuillez réessayer plus tard.',
  'quota.opens': 'La période suivante commence le {when}.',
  'closed.stay': 'Vous pouvez laisser cette page ouverte : elle s’ouvrira toute seule.',
  'closed.option': '{name} (fermé)',
  'ended.emergency.heading': 'Appelez le 112 maintenant',
  'ended.emergency.text':
    'Vos réponses peuvent indiquer une urgence. N’attendez pas ici et ne conduisez pas. Votre visite vidéo est arrêtée.',
  'error.gates_shut': 'Il manque encore quelque chose avant de faire entrer ce patient.',
  'error.answer_invalid':
    'Une réponse ne convient pas à sa question. Veuillez vérifier vos réponses.',
  'error.quota_reached':
    'Vous avez eu autant de consultations que cette période en permet. Appelez votre médecin.',
  'error.queue_closed':
    'Il y a déjà autant de personnes que l’on peut encore recevoir. Revenez plus tard.',
  'error.language_not_spoken': 'Personne ici ne parle cette langue. Choisissez-en une autre.',
  'error.no_regular':
    'La clinique ne connaît pas votre praticien habituel. Choisissez qui vous souhaitez voir.',
  'error.booked_otherwise':
    'Votre rendez-vous ne peut pas être pour cela. Gardez ce qui a été réservé, ou demandez un autre rendez-vous à la clinique.',
  'error.nobody_practises': 'Personne ne le propose pour le moment. Faites un autre choix.',
};
