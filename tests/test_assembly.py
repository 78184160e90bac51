"""The daemon as a whole: built, started and stopped in the right order; what keeps it from starting is a sentence."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
import pytest_twisted  # type: ignore[import-untyped]
from twisted.internet.defer import maybeDeferred
from twisted.internet.task import deferLater
from twisted.plugin import IPlugin
from zope.interface import implementer
from zope.interface.verify import verifyObject

from smstob.assembly import Daemon, gateway_makers, open_inline, prepare
from smstob.configuration import load
from smstob.interfaces import IGateway, IGatewayMaker, INetworkReceiver, SettingsTable
from smstob.model.account import Account
from smstob.model.ledger import Reason
from smstob.model.submission import Submission
from smstob.settings import Settings
from smstob.storage import accounts, ledger, queue
from smstob.storage.database import Unavailable
from smstob.storage.lock import AlreadyRunning
from tests.configurations import toml
from tests.fakes import PromptGateway
from tests.house import House, password_hash
from tests.ports import START, free_port

T = TypeVar("T")

TWISTD: Final = str(Path(sys.executable).parent / "twistd")
in_reactor: Callable[[T], T] = pytest_twisted.ensureDeferred
EVENTS: Final[list[tuple[str, bool]]] = []
"""What happened to gateways, and whether the door was open then."""


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class NotingGateway(PromptGateway):
    """Notes when it is started and stopped."""

    port = 0

    def startService(self) -> None:
        """Note it."""
        EVENTS.append(("start", is_open(self.port)))
        super().startService()

    def stopService(self) -> None:
        """Note it; what it answers now must still reach the disk."""
        EVENTS.append(("stop", is_open(self.port)))
        self.take()
        super().stopService()


@implementer(IPlugin, IGatewayMaker)
class NotingMaker:
    """Makes gateways that note; ``silent`` ones answer when they are stopped."""

    name: str = "noting"
    description: str = "Pour les tests."

    def parse_settings(self, table: SettingsTable) -> Any:
        """The port of the door, and whether it is silent."""
        return int(table.number("port")), table.flag("silent", False)

    def make_gateway(self, name: str, settings: Any, reactor: Any, receiver: INetworkReceiver) -> IGateway:
        """One that notes."""
        gateway = NotingGateway(name, receiver)
        gateway.port, silent = settings
        if silent:
            gateway.outcome = lambda: None  # type: ignore[method-assign]
        return gateway


def configuration(directory: Path, port: int, **tables: Any) -> Path:
    """A file that says so."""
    path = directory / "smstob.toml"
    told = {
        "database": {"url": f"sqlite:///{directory / 'smstob.db'}"},
        "web": {"listen": [f"tcp:{port}:interface=127.0.0.1"]},
        "smtp": {"listen": []},
        "metrics": {"listen": []},
        "gateways": {"sink": {"type": "sink", "settings": {"journal": str(directory / "sink.jsonl")}}},
        "routes": [{"prefix": "+", "gateways": ["sink"]}],
    }
    path.write_text(toml(told | tables), "utf-8")
    return path


def settings_of(directory: Path, port: int, **noting: Any) -> Settings:
    """Settings with a gateway that notes."""
    tables = {
        "gateways": {"noting": {"type": "noting", "throughput": 2, "settings": {"port": port} | noting}},
        "routes": [{"prefix": "+", "gateways": ["noting"]}],
    }
    return load(configuration(directory, port, **tables), {"noting": NotingMaker()})


def account_in(settings: Settings) -> Account:
    """A rich account in a prepared database."""
    found: list[Account] = []

    def create(connection: Any) -> None:
        found.append(accounts.create(connection, "a@b.fr", password_hash(), 1))
        ledger.issue(connection, found[0].id, 100, Reason.TOP_UP, "test", 1, "essai")

    database = open_inline(settings)
    database.transact(create)
    database.stop()
    return found[0]


def states_in(settings: Settings) -> list[tuple[str, str | None]]:
    """States and leases of all messages."""
    found: list[tuple[str, str | None]] = []
    database = open_inline(settings)
    query = "SELECT state, lease FROM message ORDER BY id"
    database.read(lambda connection: found.extend((row[0], row[1]) for row in connection.exec_driver_sql(query)))
    database.stop()
    return found


async def until(ready: Any) -> None:
    """Let the reactor run until that is true."""
    from twisted.internet import reactor

    end = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < end, "it does not happen"
        await deferLater(reactor, 0.01, lambda: None)


@pytest.fixture
def daemon_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Daemon, Settings, Account, int]]:
    """A daemon, not started, on a new database and the real reactor."""
    from twisted.internet import reactor

    port = free_port()
    settings = settings_of(tmp_path, port, **getattr(request, "param", {}))
    lock = prepare(settings)
    EVENTS.clear()
    yield Daemon(settings, lock, reactor), settings, account_in(settings), port
    lock.release()


@in_reactor
async def test_starts_and_stops_in_order(daemon_of: tuple[Daemon, Settings, Account, int]) -> None:
    """Database, door, gateways; and back: the door is shut before gateways stop, the database goes last."""
    daemon, settings, _, port = daemon_of
    daemon.startService()
    try:
        await until(lambda: is_open(port) and bool(EVENTS))
        assert EVENTS == [("start", True)]
        assert verifyObject(IGateway, daemon._gateways[0])
    finally:
        await maybeDeferred(daemon.stopService)
    assert EVENTS == [("start", True), ("stop", False)]
    with pytest.raises(Unavailable):
        await daemon.database.read(lambda _: None)
    prepare(settings).release()


@in_reactor
@pytest.mark.parametrize("daemon_of", [{"silent": True}], indirect=True)
async def test_last_answers_are_kept(daemon_of: tuple[Daemon, Settings, Account, int]) -> None:
    """What a gateway answers while it is being stopped is on disk when the daemon has ended; the rest is given back."""
    daemon, settings, account, _ = daemon_of
    house = House(database_of(settings), settings.routes, time.time())
    assert isinstance(house.submit("0612345678,0612345679,0612345680", sender=account), Submission)
    house.close()
    daemon.startService()
    try:
        await until(lambda: noting(daemon).open)
    finally:
        await maybeDeferred(daemon.stopService)
    assert states_in(settings) == [("handed", None), ("queued", None), ("queued", None)]


@in_reactor
async def test_recovers_what_a_crash_left(daemon_of: tuple[Daemon, Settings, Account, int]) -> None:
    """Alone on its file, a daemon sends at once what another was sending when it died."""
    daemon, settings, account, _ = daemon_of
    house = House(database_of(settings), settings.routes, time.time())
    assert isinstance(house.submit(sender=account), Submission)
    now = house.now
    assert house.write(lambda connection: queue.claim(connection, "noting", "dead", now, 2**40, 10))
    house.close()
    daemon.startService()
    try:
        await until(lambda: noting(daemon).given)
    finally:
        await maybeDeferred(daemon.stopService)
    assert states_in(settings) == [("handed", None)]


@in_reactor
async def test_stopped_before_it_was_started(tmp_path: Path) -> None:
    """A daemon that was never started can be stopped: it gives its lock back."""
    from twisted.internet import reactor

    settings = settings_of(tmp_path, free_port())
    await Daemon(settings, prepare(settings), reactor).stopService()
    prepare(settings).release()


def database_of(settings: Settings) -> Path:
    """The file."""
    return Path(settings.database.url.removeprefix("sqlite:///"))


def noting(daemon: Daemon) -> NotingGateway:
    """Its gateway."""
    (gateway,) = daemon._gateways
    assert isinstance(gateway, NotingGateway)
    return gateway


def test_second_daemon_is_refused(tmp_path: Path) -> None:
    """One daemon on one SQLite file; the next one may start when it has ended."""
    settings = settings_of(tmp_path, free_port())
    lock = prepare(settings)
    with pytest.raises(AlreadyRunning):
        prepare(settings)
    lock.release()
    prepare(settings).release()


def test_makers_are_plugins() -> None:
    """Every maker that is found is one, under its own name."""
    for name, maker in gateway_makers().items():
        assert verifyObject(IGatewayMaker, maker)
        assert (maker.name, bool(maker.description)) == (name, True)


def twistd(config: Path) -> "subprocess.CompletedProcess[str]":
    """What ``twistd smstob`` says and how it ends."""
    command = [TWISTD, "--nodaemon", "--pidfile=", "smstob", "--config", str(config)]
    return subprocess.run(command, cwd=config.parent, capture_output=True, text=True, timeout=START, check=False)


def test_port_in_use(tmp_path: Path) -> None:
    """A port that another has is told in a sentence, and the process ends with 1; nothing is left locked."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = twistd(configuration(tmp_path, port))
    assert ended.returncode == 1
    # twistd takes stderr into its log once it runs
    assert f"smstob : le démon ne peut pas démarrer : Couldn't listen on 127.0.0.1:{port}" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        ({"web": {"listen": ["8080"]}, "limits": {"recipient": 5}}, ["web.listen", "limits.recipient"]),
        ({"gateways": {"a": {"type": "pigeon"}}}, ["gateways.a.type", "routes[1].gateways"]),
        ({"database": {"url": "sqlite:////proc/none/a.db"}}, ["base de données"]),
    ],
)
def test_mistakes_are_sentences(tmp_path: Path, tables: dict[str, Any], named: list[str]) -> None:
    """Every mistake by its key on stderr, exit 1, no traceback."""
    ended = twistd(configuration(tmp_path, free_port(), **tables))
    assert ended.returncode == 1
    for name in named:
        assert name in ended.stderr
    assert ended.stderr.startswith("smstob : ")
    assert "Traceback" not in ended.stdout + ended.stderr


def test_missing_configuration(tmp_path: Path) -> None:
    """A file that is not there is a sentence too."""
    ended = twistd(tmp_path / "absent.toml")
    assert ended.returncode == 1
    assert "ce fichier n'existe pas" in ended.stderr


def test_twistd_runs_and_ends(tmp_path: Path) -> None:
    """The real thing: it answers, refuses a second one beside it, and ends when it is told."""
    port = free_port()
    config = configuration(tmp_path, port)
    command = [TWISTD, "--nodaemon", "--pidfile=", "smstob", "--config", str(config)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        end = time.monotonic() + START
        while not is_open(port) and time.monotonic() < end:
            time.sleep(0.05)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/http.php")
        assert connection.getresponse().read() == b"87"
        connection.close()
        second = twistd(config)
        assert second.returncode == 1
        assert "un autre démon utilise déjà cette base" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
