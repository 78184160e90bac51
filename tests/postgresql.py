"""A private PostgreSQL server for the tests: its own directory, loopback only, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import attrs
import psycopg
from psycopg import sql

from tests.ports import free_port

_DEBIAN: Final = Path("/usr/lib/postgresql")
_OWNER: Final = "postgres"
_START_SECONDS: Final = 60
_PORTS_TRIED: Final = 3

_CONFIGURATION: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{directory}'
fsync = on
synchronous_commit = on
timezone = 'UTC'
"""


class PostgreSQLError(Exception):
    """The server could not be found or started; the text says why, with the server's own words."""


_MISSING: Final = "PostgreSQL's server is not installed: run `make test`, which installs it."


def find_binaries() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``: of the newest Debian package, else on the PATH."""
    versions = [path.parent for path in _DEBIAN.glob("*/bin/initdb") if path.parts[-3].isdigit()]
    if versions:
        return max(versions, key=lambda folder: int(folder.parts[-2]))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise PostgreSQLError(_MISSING)


@attrs.frozen
class Cluster:
    """One PostgreSQL server over one directory, listening on one port of 127.0.0.1."""

    binaries: Path
    directory: Path
    """Holds the data, the socket and the log; belongs to the account that runs the server."""
    owner: str | None
    """The system account that runs the server: PostgreSQL refuses root. None for our own."""
    port: int

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.directory / "server.log"

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{_OWNER}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the empty cluster."""
        self._run("initdb", f"--username={_OWNER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        with (self.directory / "data" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(_CONFIGURATION.format(directory=self.directory))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port}"
        self._run("pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-l", str(self.log), "-o", options)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "immediate") -> None:
        """Stop the server; ``immediate`` is what a power cut does to it."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    @property
    def running(self) -> bool:
        """Whether the server was started and not stopped since."""
        return (self.directory / "data" / "postmaster.pid").exists()

    def create_database(self, name: str) -> None:
        """Create an empty database."""
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        """Drop a database and whatever connection is left on it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=_OWNER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), "-D", str(self.directory / "data"), *arguments]
        if result := _failure(command, self.owner, self.directory):
            log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
            raise PostgreSQLError(f"{' '.join(command)}\n{result}\n{log}".rstrip())


def _failure(command: Sequence[str], owner: str | None, directory: Path) -> str:
    """What the command said when it failed; empty when it did its work."""
    identity = _identity(owner) if owner else None
    finished = subprocess.run(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        user=identity.pw_uid if identity else None,
        group=identity.pw_gid if identity else None,
        extra_groups=[] if identity else None,
    )
    return finished.stdout.strip() or f"exit {finished.returncode}" if finished.returncode else ""


def _identity(owner: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(owner)
    except KeyError:
        raise PostgreSQLError(
            f"Root may not run PostgreSQL and there is no account {owner!r} to run it as: run `make test`, "
            "which installs Debian's package and its account."
        ) from None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A new cluster that runs for the length of the ``with``."""
    binaries = find_binaries()
    owner = _OWNER if os.geteuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="smstob-postgresql-"))
    try:
        if owner:
            shutil.chown(directory, owner, _identity(owner).pw_gid)
        cluster = Cluster(binaries, directory, owner, free_port())
        cluster.initialise()
        cluster = _started(cluster)
        try:
            yield cluster
        finally:
            if cluster.running:
                cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _started(cluster: Cluster) -> Cluster:
    """Start it, on another port where a neighbour was quicker to take ours."""
    for _ in range(_PORTS_TRIED - 1):
        try:
            cluster.start()
        except PostgreSQLError as failure:
            if "Address already in use" not in str(failure):
                raise
            cluster.log.unlink(missing_ok=True)
            cluster = attrs.evolve(cluster, port=free_port())
        else:
            return cluster
    cluster.start()
    return cluster
