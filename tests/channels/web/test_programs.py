"""What readers copy or download, really run: by a shell, by Python, by PHP, against a daemon and against a bad line."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import parse_qs

import argon2
import attrs
import pytest

from smstob.channels.web.examples import FICTION, SECRET, Examples
from smstob.storage import accounts
from tests.daemon import RunningDaemon, fresh_number, running
from tests.house import PARIS

EMAIL: Final = "o'br`id`$home’{{7*7}}%s@exemple.fr"
PROGRAMS: Final = ("smstob.py", "smstob.php")
INTERPRETERS: Final = {"smstob.py": sys.executable, "smstob.php": "php"}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """With an account whose password is the one of the examples, and which may send the same twice."""
    for daemon in running(tmp_path_factory.mktemp("programs")):
        daemon.provision(1000, email=EMAIL, options={"duplicates": False})
        hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(SECRET)
        daemon.change(EMAIL, partial(accounts.set_password, password_hash=hashed))
        yield daemon


def examples(port: int, number: str = FICTION) -> Examples:
    """Those of that account, of a service on that port."""
    moment = datetime.now(PARIS) + timedelta(days=1)
    return Examples(
        base_url=f"http://127.0.0.1:{port}", domain="smstob.com", email=EMAIL, number=number, moment=moment
    )


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run it there; it has to end."""
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["curl", "python", "php"])
def test_copied(daemon: RunningDaemon, tmp_path: Path, name: str) -> None:
    """As it is copied, into a file of its own: 80, and the message reaches the network."""
    number = fresh_number()
    (tmp_path / "exemple").write_text(getattr(examples(daemon.port, number), name), "utf-8")
    command = {"curl": "sh", "python": sys.executable, "php": "php"}[name]
    done = run([command, "exemple"], tmp_path)
    assert done.stdout.strip() == "80"
    # curl shows there how far it is
    assert name == "curl" or not done.stderr
    (sent,) = daemon.sent_to("+33" + number[1:])
    assert sent.text == "Bonjour, votre commande est prete."


def program(name: str, port: int, folder: Path) -> list[str | Path]:
    """The downloaded program, and how it is started."""
    (folder / name).write_text(examples(port).program(name), "utf-8")
    return [INTERPRETERS[name], name]


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(daemon: RunningDaemon, tmp_path: Path, name: str) -> None:
    """It sends now and later, says in words what the service said, and ends with success or not."""
    command, number = program(name, daemon.port, tmp_path), fresh_number()
    done = run([*command, number, "Ça marche & c'est « tout » = 100 % +"], tmp_path, SMSTOB_CLE=SECRET)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "80 : envoyé", "")
    (sent,) = daemon.sent_to("+33" + number[1:])
    assert sent.text == "Ça marche & c'est \" tout \" = 100 % +"
    later = examples(daemon.port).when
    date = ["--date", later] if name.endswith(".py") else [later]
    assert run([*command, number, "Demain", *date], tmp_path, SMSTOB_CLE=SECRET).stdout.strip() == "81 : programmé"
    refused = run([*command, "0123456789", "Bonjour"], tmp_path, SMSTOB_CLE=SECRET)
    assert refused.returncode == 1
    assert "84 : le numéro n'est pas valide" in refused.stdout + refused.stderr
    nobody = run([*command, number, "Bonjour"], tmp_path, SMSTOB_CLE="")
    assert "88 : la clé est vide" in nobody.stdout + nobody.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_from_another_program(daemon: RunningDaemon, tmp_path: Path, name: str) -> None:
    """As its first lines say; the same reference sends once."""
    program(name, daemon.port, tmp_path)
    number = fresh_number()
    if name.endswith(".py"):
        call = f"print(envoyer({number!r}, 'Un', cle={SECRET!r}, reference={name!r}))"
        text = f"from smstob import envoyer\n{call}\n{call}\n"
    else:
        call = f"echo smstob_envoyer('{number}', 'Un', '', '{SECRET}', '{name}'), \"\\n\";"
        text = f"<?php require 'smstob.php'; {call} {call}"
    (tmp_path / "appel").write_text(text, "utf-8")
    done = run([INTERPRETERS[name], "appel"], tmp_path)
    assert (done.stdout.split(), done.stderr) == (["80", "80"], "")
    daemon.settled()
    assert [one.to for one in daemon.messages(EMAIL)].count("+33" + number[1:]) == 1


@attrs.define
class BadLine:
    """A service whose answers are told beforehand; an empty one is a connection that is lost. Keeps the references."""

    answers: list[bytes]
    references: list[str] = attrs.field(factory=list)
    port: int = 0


@pytest.fixture
def line() -> Iterator[BadLine]:
    """On a port of its own."""
    told = BadLine([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.references.append(parse_qs(body)["ref"][0])
            answer = told.answers.pop(0)
            if answer:
                self.send_response(503 if answer == b"99" else 200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            else:
                self.connection.close()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def impatient(name: str, port: int, folder: Path) -> list[str | Path]:
    """The program, which waits for nothing."""
    command = program(name, port, folder)
    text = (folder / name).read_text("utf-8")
    quick = text.replace("(2, 10, 30)", "(0, 0, 0)").replace("[2, 10]", "[0, 0]")
    assert quick != text
    (folder / name).write_text(quick, "utf-8")
    return command


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("answers", [[b"", b"99", b"80"], [b"<html>Portail</html>", b"80"], [b"99", b"81"], [b"80"]])
def test_bad_line(tmp_path: Path, line: BadLine, name: str, answers: list[bytes]) -> None:
    """What is lost on the way is asked for again, always by the same reference."""
    line.answers[:] = answers
    done = run([*impatient(name, line.port, tmp_path), "0612345678", "Un"], tmp_path, SMSTOB_CLE="cle")
    assert done.stdout.startswith(answers[-1].decode()), done
    assert len(line.references) == len(answers)
    assert len(set(line.references)) == 1


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_line_at_all(tmp_path: Path, line: BadLine, name: str) -> None:
    """It gives up and says so; a refusal is final at once."""
    line.answers[:] = [b"99"] * 4
    command = impatient(name, line.port, tmp_path)
    done = run([*command, "0612345678", "Un"], tmp_path, SMSTOB_CLE="cle")
    assert done.returncode == 1
    assert "99 : le service ne peut rien enregistrer" in done.stdout + done.stderr
    line.answers[:] = [b"83"]
    done = run([*command, "0612345678", "Un"], tmp_path, SMSTOB_CLE="cle")
    assert "83 : il faut créditer le compte" in done.stdout + done.stderr
    assert line.answers == []
    assert len(set(line.references)) == 2
