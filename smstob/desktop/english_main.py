"""The English of the main window, its form, its outbox and the settings, by the French."""

from types import MappingProxyType
from typing import Final

_ASSISTANT: Final = {
    "Mise en route": "Getting started",
    "{service} envoie vos SMS par votre messagerie : il lui faut votre compte, et le serveur par lequel part votre "
    "courrier.": "{service} sends your SMS through your e-mail: it needs your account, and the server that your mail "
    "leaves by.",
    "Ayez sous la main l'adresse et le mot de passe de votre compte {service} (ou une clé d'envoi), et le mot de passe "
    "de votre messagerie.": "Have at hand the address and the password of your {service} account (or a sending key), "
    "and the password of your mailbox.",
    "Vous pouvez aussi regarder d'abord : le carnet et les phrases types marchent sans réglages.": "You may also look "
    "around first: the contact book and the standard phrases work without settings.",
    "Écrivez un numéro, un message, et envoyez : la boîte d'envoi montre ce qui est parti.": "Type a number and a "
    "message, and send: the outbox shows what has left.",
    "Les confirmations et les refus du service arrivent par e-mail à votre adresse.": "What the service confirms or "
    "refuses comes by e-mail to your address.",
    "Tout ceci se change dans « Réglages ».": "All of this can be changed in “Settings”.",
    "Bienvenue": "Welcome",
    "Votre adresse et votre mot de passe": "Your address and your password",
    "Votre serveur d'envoi": "Your mail server",
    "Essai": "Test",
    "Tout est prêt": "All is ready",
    "Précédent": "Back",
    "Plus tard": "Later",
    "Étape {step} sur {all}": "Step {step} of {all}",
    "Commencer": "Start",
    "Suivant": "Next",
    "Votre mobile": "Your mobile",
    "L'essai coûte un SMS.": "The test costs one SMS.",
    "Essai de {service} à {time}.": "Test of {service} at {time}.",
    "Remis au serveur d'envoi. Le SMS arrive sur votre mobile, et la réponse du service par e-mail.": "Handed to the "
    "mail server. The SMS comes to your mobile, and the answer of the service by e-mail.",
    "M'envoyer un SMS d'essai": "Send me a test SMS",
    "Écrivez le numéro de votre mobile, par exemple 06 12 34 56 78.": "Type the number of your mobile, for example "
    "06 12 34 56 78.",
    "Nouvel essai tout seul dans un moment.": "It is tried again by itself in a while.",
    "En route vers le serveur d'envoi…": "On its way to the mail server…",
}
_SETTINGS: Final = {
    "Compte": "Account",
    "Serveur d'envoi": "Mail server",
    "Préférences": "Preferences",
    "Enregistrer": "Save",
    "Écrivez le nom du serveur d'envoi, par exemple smtp.exemple.fr.": "Type the name of the mail server, for example "
    "smtp.example.com.",
    "Le port est un nombre de 1 à 65535 : le plus souvent 465 ou 587.": "The port is a number from 1 to 65535: most "
    "often 465 or 587.",
    "Écrivez l'adresse de votre compte, par exemple nom@exemple.fr.": "Type the address of your account, for example "
    "name@example.com.",
    "Écrivez le domaine du service, par exemple smstob.com.": "Type the domain of the service, for example smstob.com.",
    "TLS (465)": "TLS (465)",
    "STARTTLS (587)": "STARTTLS (587)",
    "Aucune (25)": "None (25)",
    "Ce fournisseur veut un « mot de passe d'application » : créez-en un sur son site.": "This provider wants an “app "
    "password”: make one on its site.",
    "Votre adresse e-mail": "Your e-mail address",
    "Celle de votre compte : les réponses y arrivent.": "Your account's: answers come there.",
    "Mot de passe du compte, ou clé d'envoi": "Password of the account, or a sending key",
    "Une clé d'envoi se révoque sans changer le mot de passe : c'est plus sûr.": "A sending key can be revoked without "
    "changing the password: that is safer.",
    "Domaine du service": "Domain of the service",
    "Les SMS partent par e-mail à une adresse de ce domaine.": "SMS leave by e-mail to an address of this domain.",
    "Écrivez le mot de passe du compte, ou une clé d'envoi.": "Type the password of the account, or a sending key.",
    "Serveur d'envoi (SMTP)": "Mail server (SMTP)",
    "Le même que dans votre logiciel de courrier ; votre fournisseur l'indique.": "The same as in your mail program; "
    "your provider tells it.",
    "Port": "Port",
    "Identifiant": "User name",
    "Souvent votre adresse entière ; vide si le serveur n'en demande pas.": "Often your whole address; empty if the "
    "server asks for none.",
    "Mot de passe du courrier": "Password of the mailbox",
    "Protection": "Protection",
    "Caractères que les SMS n'ont pas": "Characters that SMS lack",
    "Comme l'option du même nom de votre compte : le compteur en dépend.": "As the option of your account: the counter "
    "depends on it.",
    "Langue": "Language",
    "Afficher": "Show",
    "Mot de passe et SMS passent en clair : seulement dans votre propre réseau.": "Password and SMS can be read on "
    "their way: only within your own network.",
    "Adapter : ê devient e, et 160 caractères tiennent dans un SMS": "Adapt: ê becomes e, and an SMS holds 160 "
    "characters",
    "Tels quels : un SMS en contient alors 70": "As they are: an SMS then holds 70",
    "Créer une clé d'envoi sur le site": "Make a sending key on the site",
    "Écrivez le mot de passe qui va avec cet identifiant.": "Type the password that goes with this user name.",
    "Le serveur d'envoi répond, et accepte cet identifiant.": "The mail server answers, and accepts this user name.",
    "Le serveur répond.": "The server answers.",
    "Vérifier la connexion": "Check the connection",
    "La vérification a échoué ({kind}).": "The check failed ({kind}).",
    "Les mots de passe sont dans un fichier que vous seul pouvez lire.": "The passwords are in a file that only you "
    "can read.",
    "Les mots de passe sont dans le trousseau de votre session.": "The passwords are in the keyring of your session.",
    "Rien n'a été enregistré : {reason}. Libérez de la place ou changez les droits du dossier.": "Nothing was saved: "
    "{reason}. Free some space, or change the permissions of the folder.",
}
_WINDOW: Final = {
    "Envoyer": "Send",
    "Boîte d'envoi": "Outbox",
    "Carnet": "Contacts",
    "Phrases types": "Standard phrases",
    "Réglages": "Settings",
    "Aide": "Help",
    "Annuler": "Cancel",
    "Voir": "Show",
    "Rester": "Stay",
    "Quitter": "Quit",
    "Réessayer": "Try again",
    "OK": "OK",
    "F1": "F1",
    "Ctrl+virgule": "Ctrl+comma",
    "Confié à la boîte d'envoi.": "In the outbox.",
    "Confié à la boîte d'envoi : {count} SMS.": "In the outbox: {count} SMS.",
    "La boîte d'envoi n'avance plus, le disque ne répond pas : {reason}": "The outbox stands still, the disk does not "
    "answer: {reason}",
    "Les réglages étaient illisibles : ils sont gardés dans {path}, et à refaire.": "The settings could not be read: "
    "they are kept in {path}, and have to be made anew.",
    "Des SMS attendent encore : ils partiront au prochain démarrage.": "Some SMS still wait: they leave at the next "
    "start.",
    "Ouvrez {page} dans votre navigateur.": "Open {page} in your browser.",
    "Le serveur d'envoi refuse : {reason}": "The mail server refuses: {reason}",
    "Réglages enregistrés.": "Settings saved.",
    "Quelque chose s'est mal passé ({kind}). Ce qui est à l'écran y reste.": "Something went wrong ({kind}). What is "
    "on the screen stays there.",
    "Le disque est plein : rien n'a été enregistré. Libérez de la place ; ce qui est à l'écran y reste.": "The disk is "
    "full: nothing was saved. Free some space; what is on the screen stays there.",
    "Rien n'a été enregistré ({reason}). Ce qui est à l'écran y reste.": "Nothing was saved ({reason}). What is on the "
    "screen stays there.",
    "Les données du dossier {place} sont illisibles : {reason}.": "What is in the folder {place} cannot be read: "
    "{reason}.",
    "Rien n'y a été changé. Remettez-y une sauvegarde, ou renommez le dossier pour recommencer à neuf.": "Nothing in "
    "it was changed. Put a backup there, or rename the folder to start anew.",
    "Il n'y a pas d'écran où ouvrir une fenêtre.": "There is no screen to open a window on.",
    "Lancez le programme depuis le bureau.": "Start the program from the desktop.",
    "Le programme est déjà ouvert.": "The program is open already.",
    "Retrouvez sa fenêtre, ou fermez-la avant d'en ouvrir une.": "Go to its window, or close it before you open one.",
    "Le dossier {place} ne peut pas être ouvert : {reason}.": "The folder {place} cannot be opened: {reason}.",
    "Vérifiez vos droits sur ce dossier, et la place sur le disque.": "Check your permissions on this folder, and the "
    "space on the disk.",
    "Raccourcis clavier": "Keyboard shortcuts",
    "Fermer": "Close",
    "Ctrl+1 à Ctrl+4": "Ctrl+1 to Ctrl+4",
    "Envoyer, Boîte d'envoi, Carnet, Phrases types": "Send, Outbox, Contacts, Standard phrases",
    "F4 dans la date": "F4 in the date",
    "Calendrier": "Calendar",
    "F5 dans la boîte d'envoi": "F5 in the outbox",
    "Ctrl+Q": "Ctrl+Q",
    "Ctrl+Entrée": "Ctrl+Enter",
}
_RECIPIENTS: Final = {
    "À qui ?": "To whom?",
    "Numéros, groupes ou contacts, séparés par des virgules.": "Numbers, groups or contacts, with commas between.",
    "« {name} »": "“{name}”",
    "{names} n'est ni un mobile, ni un groupe, ni un contact : corrigez, ou ajoutez-le au carnet.": "{names} is no "
    "mobile, no group, and no contact: correct it, or add it to the contacts.",
    "{names} ne sont ni des mobiles, ni des groupes, ni des contacts : corrigez, ou ajoutez-les.": "{names} are no "
    "mobiles, no groups, and no contacts: correct them, or add them.",
    "Plusieurs contacts s'appellent {names} : écrivez le numéro.": "Several contacts are called {names}: type the "
    "number.",
    "Plusieurs contacts s'appellent {names} : écrivez les numéros.": "Several contacts are called {names}: type the "
    "numbers.",
    "Le groupe {names} est vide : ajoutez-lui des contacts dans le carnet.": "The group {names} is empty: add contacts "
    "to it.",
    "Les groupes {names} sont vides : ajoutez-leur des contacts dans le carnet.": "The groups {names} are empty: add "
    "contacts to them.",
    "Envoyer au groupe « {name} » de mon carnet en ligne": "Send to the group “{name}” of my contacts on the site",
    "groupe de {count} contact": "group of {count} contact",
    "groupe de {count} contacts": "group of {count} contacts",
    "{count} destinataire": "{count} recipient",
    "{count} destinataires": "{count} recipients",
}
_FORM: Final = {
    "Message": "Message",
    "Nom": "Name",
    "Le nom de chaque contact": "The name of each contact",
    "La variable 1 de chaque contact": "Variable 1 of each contact",
    "La variable 2 de chaque contact": "Variable 2 of each contact",
    "La variable 3 de chaque contact": "Variable 3 of each contact",
    "Aucune : écrivez-en dans l'onglet Phrases types": "None: write some in the page Standard phrases",
    "{count} SMS": "{count} SMS",
    "adapté : {changes}": "adapted: {changes}",
    "{count} caractères : bien trop long": "{count} characters: far too long",
    "Rien n'a été collé : {count} caractères, c'est bien trop long.": "Nothing was pasted: {count} characters are far "
    "too long.",
    "Unicode : {each} par SMS, à cause de {signs}": "Unicode: {each} in each SMS, because of {signs}",
    "Unicode : {each} par SMS, à cause d'un caractère invisible": "Unicode: {each} in each SMS, because of a character "
    "that is not seen",
    "Quand ?": "When?",
    "Maintenant": "Now",
    "Plus tard, le": "Later, on",
    "à": "at",
    "Calendrier (F4)": "Calendar (F4)",
    "Partira {day} à {time}, heure de {city}.": "Leaves on {day} at {time}, time of {city}.",
    "Écrivez la date comme 27/11/2026, et l'heure comme 14:30.": "Type the date as 27/11/2026 (the day first), and the "
    "time as 14:30.",
    "Cette date est passée : choisissez-en une à venir.": "This date is past: choose one to come.",
    "Cette date est à plus d'un an : choisissez-en une plus proche.": "This date is more than a year ahead: choose one "
    "nearer.",
    "Cette heure n'existe pas : les montres avancent d'une heure cette nuit-là.": "This time does not exist: clocks "
    "are put forward that night.",
    "Aperçu": "Preview",
    "Destinataire précédent": "Recipient before",
    "Destinataire suivant": "Next recipient",
    "Unicode": "Unicode",
    "{count} caractère": "{count} character",
    "{count} caractères": "{count} characters",
    "Les variables sont remplacées par le service, pour chaque contact.": "The service replaces the variables, for "
    "each contact.",
    "Ce que chaque destinataire lira.": "What each recipient will read.",
    "Sans texte : rien ne part à ce numéro.": "No text: nothing goes to this number.",
    "{total} pour {people}, {most} chacun au plus": "{total} for {people}, {most} each at most",
    "{count} SMS pour chaque contact": "{count} SMS for each contact",
    "{each} SMS × {people} = {total}": "{each} SMS × {people} = {total}",
    "{count} destinataire sans texte": "{count} recipient without a text",
    "{count} destinataires sans texte": "{count} recipients without a text",
    "{count} texte en Unicode": "{count} text in Unicode",
    "{count} textes en Unicode": "{count} texts in Unicode",
    "plus de 5 SMS par destinataire : votre compte peut le refuser": "more than 5 SMS for a recipient: your account "
    "may refuse it",
    "Envoyer {count} SMS ?": "Send {count} SMS?",
    "Le texte qui était dans le formulaire revient par Ctrl+Z.": "The text that was in the form comes back by Ctrl+Z.",
    "À qui l'envoyer ? Écrivez un numéro, un groupe ou un contact.": "To whom? Type a number, a group or a contact.",
    "Écrivez le message.": "Type the message.",
    "Il ne reste rien de ce texte : les variables de ces contacts sont vides.": "Nothing is left of this text: the "
    "variables of these contacts are empty.",
    "Ce texte est bien trop long pour des SMS : raccourcissez-le.": "This text is far too long for SMS: make it "
    "shorter.",
}
_OUTBOX: Final = {
    "Remis au serveur d'envoi": "Handed to the mail server",
    "F5": "F5",
    "Suppr": "Del",
    "Abandonner": "Give up",
    "Ne plus essayer": "Try no more",
    "Reprendre": "Use again",
    "Remettre destinataires et texte dans le formulaire (Ctrl+R)": "Put recipients and text back into the form "
    "(Ctrl+R)",
    "Retirer de la liste": "Remove from the list",
    "Ce que vous envoyez d'ici s'y voit, et attend le réseau s'il faut.": "What you send from here is seen in it, and "
    "waits for the network if need be.",
    "{handed}/{all} remis": "{handed}/{all} handed over",
    "Refusé : {reason}": "Refused: {reason}",
    "Remis au serveur d'envoi, pour le {day} à {time}": "Handed to the mail server, for {day} at {time}",
    "les réglages sont incomplets": "the settings are not complete",
    "le serveur d'envoi refuse l'accès": "the mail server refuses access",
    "nouvel essai à {time}": "tried again at {time}",
    "envoi en cours": "being sent",
    "Remis au serveur d'envoi ne veut pas dire reçu : les confirmations et les refus du service arrivent par e-mail à "
    "{email}.": "Handed to the mail server does not mean received: what the service confirms or refuses comes by "
    "e-mail to {email}.",
    "Envoyé": "Sent",
    "À": "To",
    "SMS": "SMS",
    "État": "State",
    "Dernière réponse : {reason}": "Last answer: {reason}",
    "Rien dans la boîte d'envoi": "Nothing in the outbox",
    "Écrire un SMS": "Write an SMS",
    "À :": "To:",
    "votre adresse": "your address",
    "En attente": "Waiting",
    "Abandonné": "Given up",
}
_DATES: Final = {
    "lundi": "Monday", "mardi": "Tuesday", "mercredi": "Wednesday", "jeudi": "Thursday", "vendredi": "Friday",
    "samedi": "Saturday", "dimanche": "Sunday", "janvier": "January", "février": "February", "mars": "March",
    "avril": "April", "mai": "May", "juin": "June", "juillet": "July", "août": "August", "septembre": "September",
    "octobre": "October", "novembre": "November", "décembre": "December",
}  # fmt: skip
_MAIL_SERVER: Final = {
    "Le serveur d'envoi {server} est injoignable : {reason}": "The mail server {server} cannot be reached: {reason}",
    "Le certificat du serveur d'envoi n'est pas celui de {server} : {reason}": "The certificate of the mail server is "
    "not that of {server}: {reason}",
    "Le serveur d'envoi ne connaît pas STARTTLS : choisissez TLS (port 465), ou aucune protection.": "The mail server "
    "does not know STARTTLS: choose TLS (port 465), or no protection.",
    "Le serveur d'envoi ne demande pas d'identifiant : laissez cette case vide.": "The mail server asks for no user "
    "name: leave that field empty.",
    "Le serveur d'envoi a coupé la connexion.": "The mail server cut the connection.",
    "Le serveur d'envoi ne répond pas : vérifiez le port et la protection.": "The mail server does not answer: check "
    "the port and the protection.",
    "Le serveur d'envoi répond de façon incompréhensible.": "What the mail server answers cannot be understood.",
    "Le serveur d'envoi ne connaît aucune façon de s'identifier par un mot de passe.": "The mail server knows no way "
    "to log in by a password.",
    "Ce mot de passe du compte ne peut pas être écrit dans un e-mail (deux-points, espaces) : prenez une clé d'envoi "
    "du site.": "This password of the account cannot be written in an e-mail (colon, spaces): take a sending key from "
    "the site.",
    "Ce n'est pas un serveur d'envoi de courrier qui répond sur ce port.": "What answers on this port is no mail "
    "server.",
    "Le serveur d'envoi ne répond pas comme la protection choisie le veut : {reason}": "The mail server does not "
    "answer as the chosen protection asks: {reason}",
    "Le serveur d'envoi n'accepte d'identifiant que par une connexion protégée.": "The mail server accepts a user name "
    "by a protected connection only.",
}

SENTENCES: Final = MappingProxyType({
    **_ASSISTANT, **_SETTINGS, **_WINDOW, **_RECIPIENTS, **_FORM, **_OUTBOX, **_DATES, **_MAIL_SERVER,
})  # fmt: skip
