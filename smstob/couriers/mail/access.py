"""What letters say that let somebody into an account: a first password, or a link to another."""

from typing import Final

from ...model.access import LINK_LASTS
from ...model.notice import Opening, Recovery
from .french import counted, shown
from .money import followed
from .section import Section, Tone

LINK: Final = "/nouveau-mot-de-passe?jeton="
"""Where a link leads to on the pages, and what its token follows."""


def opened(told: Opening, base_url: str) -> Section:
    """An account, its first password, and whose gift it is where it is one."""
    headline = "Votre compte SMStoB est ouvert : voici votre mot de passe"
    begun = f"Un compte SMStoB vient d'être ouvert à l'adresse {shown(told.email)}."
    stranger = "Si vous n'avez pas demandé de compte, quelqu'un s'est trompé d'adresse :"
    following: tuple[str, ...] = ()
    if (gift := told.given) is not None:
        credits_ = counted(gift.credits, "crédit")
        headline = f"Votre compte SMStoB est ouvert, avec {credits_} : voici votre mot de passe"
        begun = f"{shown(gift.giver)} vous donne {credits_}, sur un compte SMStoB à l'adresse {shown(told.email)}."
        stranger = "Si vous ne connaissez pas cette personne,"
        following = (f"{followed(gift.giver)} Vous pouvez y mettre fin sur {base_url}/credits/transferts",)
    return Section(
        headline=headline,
        tone=Tone.GOOD,
        intro=(
            f"{begun} Il permet d'envoyer des SMS depuis un ordinateur : par les pages du service, par courriel ou par"
            " programme.",
            "Votre mot de passe, en majuscules et en chiffres, sans O, 0, I ni 1 :",
        ),
        password=told.password,
        private=True,
        notes=(
            f"Pour commencer, connectez-vous sur {base_url} avec votre adresse et ce mot de passe. Vous pourrez"
            " ensuite en choisir un autre dans votre compte, et créditer celui-ci.",
            "Si vous recevez plusieurs de ces courriels, seul le mot de passe du dernier est bon.",
            *following,
            f"{stranger} ignorez ce courriel. Sans le mot de passe, que vous êtes seul à recevoir, personne ne peut"
            " se servir de ce compte.",
        ),
    )


def recovered(told: Recovery, base_url: str) -> Section:
    """A link to another password, for who asked for it or for an account that he has."""
    lasts = f"Ce lien ne sert qu'une fois, et pendant {counted(LINK_LASTS // 60, 'minute')} :"
    if told.known:
        headline = "Vous avez déjà un compte SMStoB"
        intro = (
            f"Un compte SMStoB a été demandé pour l'adresse {shown(told.email)}, qui en a déjà un. Rien n'a changé.",
            f"Si vous savez votre mot de passe, connectez-vous sur {base_url}. Sinon, choisissez-en un nouveau."
            f" {lasts}",
        )
    else:
        headline = "Choisissez un nouveau mot de passe"
        intro = (
            f"Un nouveau mot de passe a été demandé pour le compte SMStoB {shown(told.email)}.",
            f"Pour le choisir, suivez le lien. {lasts}",
        )
    return Section(
        headline=headline,
        tone=Tone.NEUTRAL,
        intro=intro,
        link=f"{base_url}{LINK}{told.token}",
        link_name="Choisir un nouveau mot de passe",
        private=True,
        notes=(
            "Si le lien ne s'ouvre pas, copiez-le en entier dans la barre d'adresse de votre navigateur.",
            "Si vous n'avez rien demandé, ignorez ce courriel : votre mot de passe reste le même, et vous êtes seul à"
            " recevoir ce lien. Ne le transmettez à personne.",
        ),
    )
