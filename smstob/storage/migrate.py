"""Brings a database to the schema of this version."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> str:
    """Apply what is missing, all in one transaction; gives the revision reached."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # several daemons may start at once: one migrates, the others find it done
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5350)")
        command.upgrade(_config(connection), "head")
        revision = MigrationContext.configure(connection).get_current_revision()
        assert revision is not None
        return revision


def newest() -> str:
    """The revision that this version of the program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(engine: Engine) -> str | None:
    """The revision of the database, or None where it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
