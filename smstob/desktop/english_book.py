"""The English of the contact book, its import and the standard phrases, by the French."""

from types import MappingProxyType
from typing import Final

_BOOK: Final = {
    "{count} contact supprimé.": "{count} contact deleted.",
    "{count} contacts supprimés.": "{count} contacts deleted.",
    "Supprimer « {name} » ?": "Delete “{name}”?",
    "Supprimer {count} contact ?": "Delete {count} contact?",
    "Supprimer {count} contacts ?": "Delete {count} contacts?",
    "Non": "No",
    "carnet": "contacts",
    "{count} contact est dans « {name} ».": "{count} contact is in “{name}”.",
    "{count} contacts sont dans « {name} ».": "{count} contacts are in “{name}”.",
    "Écrivez le nom d'un groupe.": "Type the name of a group.",
    "{count} contact n'est plus dans « {name} ».": "{count} contact is no longer in “{name}”.",
    "{count} contacts ne sont plus dans « {name} ».": "{count} contacts are no longer in “{name}”.",
    "Cela ne s'annule pas.": "This cannot be undone.",
    "{count} contact est de retour.": "{count} contact is back.",
    "{count} contacts sont de retour.": "{count} contacts are back.",
    "{count} contact exporté dans {path}": "{count} contact exported to {path}",
    "{count} contacts exportés dans {path}": "{count} contacts exported to {path}",
    "{count} contacts sont trop pour le formulaire : mettez-les dans un groupe, puis écrivez au groupe.": "{count} "
    "contacts are too many for the form: put them into a group, then write to the group.",
    "Supprimer": "Delete",
    "Annuler la suppression": "Undo",
    "Exporter le carnet": "Export the contacts",
    "Exporter le groupe": "Export the group",
    "Fichiers CSV": "CSV files",
    "Tous les fichiers": "All files",
    "Ajouter au groupe": "Add to group",
    "Numéro": "Number",
    "Sans nom": "No name",
    "Nom, numéro ou variable (Ctrl+F)": "Name, number or variable (Ctrl+F)",
    "Ctrl+N": "Ctrl+N",
    "{count} contact trouvé": "{count} contact found",
    "{count} contacts trouvés": "{count} contacts found",
    "{count} contact": "{count} contact",
    "{count} contacts": "{count} contacts",
    "Importer…": "Import…",
    "Exporter…": "Export…",
    "Ctrl+I : un fichier CSV, d'un tableur par exemple": "Ctrl+I: a CSV file, of a spreadsheet for example",
    "Le groupe choisi, ou tout le carnet, dans un fichier CSV": "The chosen group, or all contacts, as a CSV file",
    "Votre carnet est vide": "You have no contacts yet",
    "Importez un fichier de contacts (CSV), ou ajoutez-les un par un. Vous pourrez ensuite leur écrire par leur nom, "
    "ou par groupe.": "Import a file of contacts (CSV), or add them one by one. You can then write to them by name, "
    "or by group.",
    "{count} choisi": "{count} selected",
    "{count} choisis": "{count} selected",
    "Écrire": "Write",
    "Modifier": "Change",
    "Ôter du groupe": "Remove from group",
    "Aucun contact trouvé": "No contact found",
    "Rien ne correspond à « {search} ». Essayez un autre mot, ou une partie du numéro.": "Nothing fits “{search}”. "
    "Try another word, or a part of the number.",
    "Ce groupe est vide": "This group is empty",
    "Choisissez des contacts, puis « Ajouter au groupe » ; ou importez un fichier dans ce groupe.": "Select contacts, "
    "then “Add to group”; or import a file into this group.",
    "Chercher": "Search",
    "Importer des contacts": "Import contacts",
    "Voir tout": "Show all",
    "Voir tous les contacts": "Show all contacts",
    "Importer dans ce groupe": "Import into this group",
    "Ctrl+E : un SMS à ces contacts": "Ctrl+E: an SMS to these contacts",
    "Entrée, ou un double clic": "Enter, or a double click",
    "Ils restent au carnet": "They stay among the contacts",
    "Autre groupe…": "Another group…",
}
_GROUPS: Final = {
    "Un groupe de ce nom est complété ; s'il n'existe pas, il est créé.": "A group of that name is added to; if there "
    "is none, it is made.",
    "Dans quel groupe ?": "Into which group?",
    "Ajouter": "Add",
    "Supprimer le groupe « {name} » ? Ses contacts restent.": "Delete the group “{name}”? Its contacts stay.",
    "Nom du groupe": "Name of the group",
    "Tous": "All",
    "Nouveau groupe": "New group",
    "Renommer": "Rename",
    "Inser dans la liste des groupes": "Ins in the list of groups",
    "F2 dans la liste des groupes": "F2 in the list of groups",
    "Suppr dans la liste des groupes ; les contacts restent": "Del in the list of groups; the contacts stay",
    "Écrire au groupe": "Write to the group",
}
_CARD: Final = {
    "Il manque quelque chose ici.": "Something is missing here.",
    "C'est trop long.": "This is too long.",
    "Il y a trop de lignes : une seule pour un nom, 16 au plus pour une variable.": "There are too many lines: one "
    "for a name, 16 at most for a variable.",
    "Ce n'est pas un numéro de mobile : écrivez-le comme 06 12 34 56 78, ou +32 470 12 34 56.": "This is not the "
    "number of a mobile: type it like 06 12 34 56 78, or +32 470 12 34 56.",
    "Les envois vers ce pays ne sont pas ouverts.": "Sending to this country is not open.",
    "Ce nom est déjà pris : choisissez-en un autre.": "This name is taken: choose another one.",
    "C'est un numéro : un groupe de ce nom ne recevrait jamais rien.": "This is a number: a group of that name would "
    "never receive anything.",
    "Cela n'existe plus.": "This no longer exists.",
    "Il n'y a plus de place : supprimez d'abord ce qui ne sert plus.": "There is no more room: delete first what is "
    "no longer used.",
    "Elles prennent la place de [v1], [v2] et [v3] dans vos messages.": "They take the place of [v1], [v2] and [v3] "
    "in your messages.",
    "Numéro de mobile": "Mobile number",
    "Par exemple 06 12 34 56 78, ou +32 470 12 34 56.": "For example 06 12 34 56 78, or +32 470 12 34 56.",
    "Variable 1": "Variable 1",
    "Variable 2": "Variable 2",
    "Variable 3": "Variable 3",
    "Nouveau contact": "New contact",
    "Contact": "Contact",
    "Ce numéro est déjà dans le carnet : c'est celui de « {name} ».": "This number is among your contacts already: it "
    "is that of “{name}”.",
    "Groupes": "Groups",
    "Écrivez le numéro de son mobile, par exemple 06 12 34 56 78.": "Type the number of their mobile, for example 06 "
    "12 34 56 78.",
    "Abandonner ce qui est tapé ?": "Discard what is typed?",
    "Continuer": "Go on",
}
_FILE: Final = {
    "Ce fichier n'est pas (ou plus) là : vérifiez son nom, ou choisissez-le par « Parcourir ».": "This file is not "
    "(or no longer) there: check its name, or choose it by “Browse”.",
    "Ce n'est pas un fichier : choisissez le fichier de vos contacts.": "This is no file: choose the file of your "
    "contacts.",
    "Vous n'avez pas le droit de lire ce fichier : copiez-le dans vos documents, puis choisissez la copie.": "You may "
    "not read this file: copy it to your documents, then choose the copy.",
    "C'est un classeur : ouvrez-le dans votre tableur, enregistrez-le au format CSV, puis choisissez ce fichier CSV. "
    "Le site, lui, lit les classeurs tels quels.": "This is a workbook: open it in your spreadsheet program, save it "
    "as CSV, then choose that CSV file. The site reads workbooks as they are.",
    "Ce fichier ne peut pas être lu : copiez-le ailleurs, puis choisissez la copie.": "This file cannot be read: copy "
    "it elsewhere, then choose the copy.",
    "Un fichier CSV, que tout tableur enregistre : 10 Mo et 100 000 lignes au plus.": "A CSV file, which every "
    "spreadsheet program saves: 10 MB and 100,000 lines at most.",
    "Choisir le fichier des contacts": "Choose the file of the contacts",
    "Rien n'entre dans le carnet avant l'étape suivante, où vous voyez ce que le fichier donnera.": "Nothing is "
    "imported before the next step, in which you see what the file will give.",
    "Votre fichier": "Your file",
    "Parcourir…": "Browse…",
    "Une ligne par contact. Seule la colonne des numéros est nécessaire ; l'ordre des colonnes est libre.": "A line "
    "for each contact. Only the column of the numbers is needed; columns may be in any order.",
    "Les variables prennent la place de [v1], [v2] et [v3] : « Bonjour [v1], votre plat préféré est [v3] ? »":
    "Variables take the place of [v1], [v2] and [v3]: “Hello [v1], is [v3] your favourite dish?”",
    "Les numéros s'écrivent comme vous voulez ; le 0 qu'Excel a enlevé est remis.": "Numbers are written as you like; "
    "the 0 that Excel took away is put back.",
    "Un numéro déjà au carnet ne fait pas de doublon : sa fiche est mise à jour.": "A number that is among your "
    "contacts already is not doubled: its card is updated.",
    "Choisissez d'abord un fichier.": "Choose a file first.",
}
_PREVIEW: Final = {
    "Point-virgule ;": "Semicolon ;",
    "Virgule ,": "Comma ,",
    "Tabulation": "Tab",
    "Barre |": "Bar |",
    "Groupe qui reçoit ces contacts": "Group that these contacts go into",
    "Un groupe de ce nom est complété ; s'il n'existe pas, il est créé. Vide : aucun groupe.": "A group of that name "
    "is added to; if there is none, it is made. Empty: no group.",
    "Les lignes laissées de côté, dans un fichier à corriger": "The lines left out, as a file to be corrected",
    "Ligne": "Line",
    "Résultat": "Result",
    "répété : une autre ligne compte": "repeated: another line counts",
    "numéro réparé": "number repaired",
    "mise à jour": "update",
    "nouveau": "new",
    "La première ligne donne les titres": "The first line has the titles",
    "Les premières lignes": "The first lines",
    "Les enregistrer…": "Save them…",
    "Laissées de côté : {count}": "Left out: {count}",
    "{count} contact à importer, de {rows} lignes lues": "{count} contact to import, of {rows} lines read",
    "{count} contacts à importer, de {rows} lignes lues": "{count} contacts to import, of {rows} lines read",
    "{count} déjà au carnet : sa fiche sera mise à jour": "{count} known already: its card will be updated",
    "{count} déjà au carnet : leurs fiches seront mises à jour": "{count} known already: their cards will be updated",
    "{count} numéro réparé : un tableur l'avait changé": "{count} number repaired: a spreadsheet had changed it",
    "{count} numéros réparés : un tableur les avait changés": "{count} numbers repaired: a spreadsheet had changed "
    "them",
    "{count} ligne répète un numéro : la dernière compte": "{count} line repeats a number: the last one counts",
    "{count} lignes répètent un numéro : la dernière compte": "{count} lines repeat a number: the last one counts",
    "et {count} autre": "and {count} other",
    "et {count} autres": "and {count} others",
    "Séparateur": "Separator",
    "il n'y a pas de numéro": "there is no number",
    "Excel a perdu des chiffres : {number} ; mettez la colonne au format Texte et retapez le numéro": "Excel lost "
    "digits: {number}; format the column as text and type the number again",
    "{number} n'est pas un numéro de mobile": "{number} is not the number of a mobile",
    "une cellule a {count} caractères ({most} au plus)": "a cell has {count} characters ({most} at most)",
    "une cellule a {count} lignes ({most} au plus)": "a cell has {count} lines ({most} at most)",
    "un guillemet ouvert sur cette ligne n'est pas refermé": "a quotation mark opened on this line is not closed",
    "cette ligne n'est pas lisible : une cellule est beaucoup trop longue": "this line cannot be read: a cell is far "
    "too long",
    "ce fichier est trop gros ({count} Mo au plus)": "this file is too big ({count} MB at most)",
    "ce fichier est vide": "this file is empty",
    "la ligne {line} a plus de {most} colonnes": "line {line} has more than {most} columns",
    "ce fichier a plus de {most} lignes : coupez-le en plusieurs fichiers": "this file has more than {most} lines: "
    "cut it into several files",
}
_IMPORT: Final = {
    "Lecture du fichier…": "Reading the file…",
    "Import des contacts…": "Importing the contacts…",
    "{count} contact ajouté": "{count} contact added",
    "{count} contacts ajoutés": "{count} contacts added",
    "{count} mis à jour": "{count} updated",
    "Import terminé": "Import done",
    "Raison": "Reason",
    "Autre fichier": "Another file",
    "Importer {count} contact": "Import {count} contact",
    "Importer {count} contacts": "Import {count} contacts",
    "Ce fichier n'a aucune ligne qui convienne : la colonne des numéros est-elle la bonne ?": "No line of this file "
    "will do: is the column of the numbers the right one?",
    "{count} ligne laissée de côté": "{count} line left out",
    "{count} lignes laissées de côté": "{count} lines left out",
    "Le groupe « {name} » a maintenant {count} contact.": "The group “{name}” now has {count} contact.",
    "Le groupe « {name} » a maintenant {count} contacts.": "The group “{name}” now has {count} contacts.",
    "Rien n'a été importé.": "Nothing was imported.",
    "Enregistrer les lignes laissées de côté": "Save the lines left out",
    "{name} à corriger.csv": "{name} to correct.csv",
    "Enregistré dans {path}": "Saved as {path}",
    "Voir l'aperçu": "Preview",
    "Écrire à ce groupe": "Write to this group",
    "Enregistrer les lignes laissées de côté…": "Save the lines left out…",
}
_PHRASES: Final = {
    "Nom de la phrase": "Name of the phrase",
    "Texte": "Text",
    "{name} (copie)": "{name} (copy)",
    "Ctrl+S": "Ctrl+S",
    "Utiliser": "Use",
    "La mettre dans le message (Ctrl+Entrée)": "Put it into the message (Ctrl+Enter)",
    "Dupliquer": "Duplicate",
    "Ctrl+D": "Ctrl+D",
    "Suppr dans la liste": "Del in the list",
    "Pas encore de phrase type": "No standard phrase yet",
    "Un texte que vous envoyez souvent s'écrit une fois ici, puis se met dans un message en deux clics.": "A text "
    "that you often send is written here once, then put into a message by two clicks.",
    "Nouvelle phrase": "New phrase",
    "« {name} » n'est pas enregistrée.": "“{name}” is not saved.",
    "Supprimer la phrase « {name} » ?": "Delete the phrase “{name}”?",
    "C'est trop long : {count} caractères au plus.": "This is too long: {count} characters at most.",
    "Écrivez le texte.": "Type the text.",
    "Écrivez un nom.": "Type a name.",
}

SENTENCES: Final = MappingProxyType({
    **_BOOK, **_GROUPS, **_CARD, **_FILE, **_PREVIEW, **_IMPORT, **_PHRASES,
})  # fmt: skip
