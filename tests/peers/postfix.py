"""A private Postfix before the daemon, on Debian's configuration and the very files of ``config/postfix``."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import attrs

from tests.daemon import wait_until
from tests.ports import START, answers, free_port

SHIPPED: Final = Path(__file__).resolve().parents[2] / "config" / "postfix"
DEBIAN: Final = Path("/usr/share/postfix")
PROGRAMS: Final = Path("/usr/sbin")
EXIT: Final = 10
"""Seconds in which it must have ended."""

NOBODY: Final = "MAILER-DAEMON"
"""What it calls the null sender."""
SHIPPED_DOMAIN: Final = "sms.example.fr"
SHIPPED_RELAY: Final = "[127.0.0.1]:2525"

# nothing leaves this machine: what is not for the daemon stays in the queue
_PRIVATE: Final = """
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.exemple.test
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
default_transport = smtp:[127.0.0.1]:1
# as the Debian package writes it
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
"""


class PostfixError(Exception):
    """Postfix could not be started; the text says why."""


@attrs.frozen
class Queued:
    """A mail in the queue."""

    id: str
    sender: str
    """``NOBODY`` for the null sender."""
    reasons: dict[str, str]
    """For each recipient why it is still here; empty where nothing was tried."""


class Postfix:
    """The relay of ``domain`` before the SMTP server on ``relay``; a context manager.

    ``port`` is where it listens. It needs root, as every Postfix does. Without ``started`` it waits for ``start``.
    """

    def __init__(self, relay: int, domain: str, started: bool = True) -> None:
        self.port = free_port()
        self._started = started
        self._relay = relay
        self._domain = domain
        self._process: subprocess.Popen[bytes] | None = None
        # its own account must get there, which a test's directory does not allow
        self._directory = Path(tempfile.mkdtemp(prefix="smstob-postfix-"))

    def __enter__(self) -> Self:
        try:
            if self._started:
                self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if os.geteuid():
            raise PostfixError("only root may run Postfix: run the tests as root, as CI does")
        if not (PROGRAMS / "postfix").exists():
            raise PostfixError("there is no Postfix: run `make test`, which installs Debian's package")
        self._configure()
        with (self._directory / "start").open("ab") as told:
            self._process = subprocess.Popen(
                [PROGRAMS / "postfix", "-c", self._configuration, "start-fg"],
                stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True, umask=0o022,
            )  # fmt: skip
        wait_until(self._answers, "Postfix answers", START)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise PostfixError(f"Postfix ended:\n{(self._directory / 'start').read_text()}\n{self.logged()}")
        return answers(self.port)

    def close(self) -> None:
        """End it, whatever state it is in, and remove all that it had."""
        if self._process is not None:
            if self._process.poll() is None:
                self._end()
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._directory, ignore_errors=True)

    def _end(self) -> None:
        assert self._process is not None
        # the master leaves the group of the script that started it and waits for it, and leads one of its own
        with suppress(OSError, ValueError):
            master = int((self._directory / "queue" / "pid" / "master.pid").read_text())
            os.kill(master, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(EXIT)
            os.killpg(master, signal.SIGKILL)

    @property
    def _configuration(self) -> Path:
        return self._directory / "etc"

    def _configure(self) -> None:
        self._directory.chmod(0o755)
        for name in ("etc", "queue", "data"):
            (self._directory / name).mkdir(exist_ok=True)
            # whatever the umask, which a daemon in this process may have changed
            (self._directory / name).chmod(0o755)
        shutil.chown(self._directory / "data", "postfix", "postfix")
        private = _PRIVATE.format(directory=self._directory)
        main = (DEBIAN / "main.cf.debian").read_text() + private + self.shipped("main.cf")
        listener = f"127.0.0.1:{self.port} inet"
        master, replaced = re.subn(r"(?m)^smtp +inet", listener, (DEBIAN / "master.cf.dist").read_text())
        assert replaced == 1
        for name, text in {
            "main.cf": main,
            "master.cf": master + self.shipped("master.cf"),
            "transport": self.shipped("transport"),
        }.items():
            (self._configuration / name).write_text(text, encoding="utf-8")
            (self._configuration / name).chmod(0o644)

    def shipped(self, name: str) -> str:
        """A file of ``config/postfix``, with the domain, the port and the directory of this one."""
        text = (SHIPPED / name).read_text(encoding="utf-8")
        text = text.replace(SHIPPED_DOMAIN, self._domain).replace(SHIPPED_RELAY, f"[127.0.0.1]:{self._relay}")
        return text.replace("texthash:/etc/postfix/", f"texthash:{self._configuration}/")

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(PROGRAMS / program), "-c", str(self._configuration), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=START, check=False)
        if done.returncode:
            raise PostfixError(f"{program}: {done.stderr}\n{self.logged()}")
        return done.stdout

    def queue(self) -> list[Queued]:
        """What it holds, bounces that go nowhere too."""
        told = [json.loads(line) for line in self._run("postqueue", "-j").splitlines()]
        return [
            Queued(
                one["queue_id"],
                one["sender"],
                {whom["address"]: whom.get("delay_reason", "") for whom in one["recipients"]},
            )
            for one in told
        ]

    def queued_from(self, sender: str, reason: str = "") -> list[Queued]:
        """What it holds of a sender, where it was tried and the reason has these words."""
        return [
            one
            for one in self.queue()
            if one.sender == sender and all(why and reason in why for why in one.reasons.values())
        ]

    def queued_to(self, recipient: str) -> list[Queued]:
        """What it holds for a recipient."""
        return [one for one in self.queue() if recipient in one.reasons]

    def flush(self) -> None:
        """Try all of the queue again, now."""
        self._run("postqueue", "-f")

    def content(self, queued: Queued) -> str:
        """A mail that it holds, headers and body."""
        return self._run("postcat", "-hbq", queued.id)

    def logged(self) -> str:
        """Its log."""
        log = self._directory / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
