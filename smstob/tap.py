"""``twistd smstob``: the options of the command line, and the daemon made of them."""

import gc
import os
import resource
import signal
import sys
import time
from typing import Any

from twisted.application.service import IService
from twisted.python.usage import Options as UsageOptions

from .assembly import Daemon, gateway_makers, prepare
from .channels.smtp.dialogue.certificate import BadCertificate
from .configuration import load
from .settings import Settings, SettingsError
from .storage.lock import AlreadyRunning
from .till import payment_makers


class Options(UsageOptions):
    """The command line of ``twistd smstob``."""

    optParameters = [["config", "c", "config/smstob.toml", "The configuration file"]]  # noqa: RUF012


def makeService(options: Any) -> IService:
    """The daemon. What keeps it from starting ends the process with a sentence, before anything runs."""
    os.umask(0o077)  # texts and numbers are nobody else's business
    try:
        settings = load(options["config"], gateway_makers(), payment_makers())
    except SettingsError as error:
        raise SystemExit(f"smstob : la configuration comporte des erreurs :\n{error}") from None
    try:
        lock = prepare(settings)
    except AlreadyRunning as error:
        raise SystemExit(f"smstob : un autre démon utilise déjà cette base ({error}). Arrêtez-le d'abord.") from None
    except Exception as error:
        raise SystemExit(f"smstob : la base de données n'est pas utilisable : {error}") from None
    sys.stdout.write(welcome(settings))
    sys.stdout.flush()
    # a connection is a file: as many as the system lets us have
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    from twisted.internet import reactor

    # timers must not stand still when the clock is set back; Twisted takes the time of day for them
    reactor.seconds = time.monotonic  # type: ignore[method-assign]
    try:
        daemon = Daemon(settings, lock, reactor)
    except BadCertificate as error:
        raise SystemExit(f"smstob : smtp.certificate, smtp.key : {error}") from None
    # what is here now stays: to look through all of it each time that memory is tidied holds everybody up for 70 ms
    gc.collect()
    gc.freeze()
    if settings.smtp.certificate:
        # not without: the end of a terminal ends what runs in it
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(daemon.reload))  # type: ignore[attr-defined]
    return daemon


def welcome(settings: Settings) -> str:
    """What the operator reads first: where the service is and how to begin."""
    doors = ", ".join(settings.smtp.listen)
    mail = f" E-mail : sms@{settings.service.domain} (écoute : {doors})." if doors else ""
    base = settings.service.base_url
    outbox = f" (le mot de passe arrive dans {settings.mail.outbox}/)" if settings.mail.outbox else ""
    return (
        f"SMStoB : {base} (écoute : {', '.join(settings.web.listen)}), {base}/http.php.{mail} "
        f"Pour ouvrir un compte : {base}/inscription{outbox} ; "
        "pour lui donner des crédits : .venv/bin/smstob account credit vous@exemple.fr 10\n"
    )
