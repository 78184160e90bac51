"""The tables of SIM cards and of modems; see ``schema``, whose metadata they share."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text, text

from .metadata import Id, metadata

# a segment that a SIM card sent, or was about to send
sim_use = Table(
    "sim_use",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sim", Text, nullable=False),
    Column("number", Text, nullable=False),
    # the number's last ones, by which a network's report finds it
    Column("digits", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reference", SmallInteger),
    # of which part it was; none once it is known that it did not leave. The newest that has its message tells where
    # the part stands
    Column("message_id", BigInteger),
    Column("part", SmallInteger),
    # seconds after which it goes out again where nobody knows whether it left; none where it never does
    Column("again", Integer),
    # no id is ever another's, though old rows go
    sqlite_autoincrement=True,
)
Index("ix_sim_use_sim_at", sim_use.c.sim, sim_use.c.at)
Index("ix_sim_use_sim_digits_at", sim_use.c.sim, sim_use.c.digits, sim_use.c.at)
_of_messages = text("message_id IS NOT NULL")
Index("ix_sim_use_message_id", sim_use.c.message_id, sqlite_where=_of_messages, postgresql_where=_of_messages)
# all cards' together, for what goes when it is old
Index("ix_sim_use_at", sim_use.c.at)

# cards that were given a PIN and have not accepted it
sim_pin = Table(
    "sim_pin",
    metadata,
    Column("card", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    sqlite_with_rowid=False,
)

modem_status = Table(
    "modem_status",
    metadata,
    Column("gateway", Text, primary_key=True),
    Column("port", Text, primary_key=True),
    Column("daemon", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    # all that it tells, as JSON
    Column("report", Text, nullable=False),
    sqlite_with_rowid=False,
)
