"""The pages: sessions, the second factor, phrases, imports; what makes lists of many contacts and messages quick."""

import sqlalchemy as sa
from alembic import op

from smstob.model.contact import plain, searched
from smstob.model.merge import Variables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SLICE = 1000


def upgrade() -> None:
    _access()
    _book()
    _history()


def _access() -> None:
    op.add_column("account", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("totp_used", sa.BigInteger(), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_table(
        "password_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_link_account_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_password_link")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_password_link_account_id", "password_link", ["account_id"])


def _book() -> None:
    op.add_column("contact", sa.Column("key", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("contact", sa.Column("searched", sa.Text(), nullable=False, server_default=sa.text("''")))
    _fill_search_columns(op.get_bind())
    op.create_index("ix_contact_account_id_number", "contact", ["account_id", "number"])
    op.create_index("ix_contact_account_id_key_id", "contact", ["account_id", "key", "id"])
    op.create_index("ix_membership_contact_id", "membership", ["contact_id"])
    op.create_table(
        "phrase",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_phrase_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_phrase_account_id_name")),
    )
    counts = ("total", "done", "added", "updated", "faulty")
    op.create_table(
        "contact_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("group_id", ID, nullable=True),
        sa.Column("group_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in counts),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_import_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_import")),
    )
    op.create_index("ix_contact_import_account_id", "contact_import", ["account_id"])
    _partial_index("ix_contact_import_running", "contact_import", ["id"], "state = 'running'")


def _fill_search_columns(connection: sa.Connection) -> None:
    wanted = sa.text(
        "SELECT id, name, number, typed, v1, v2, v3 FROM contact WHERE id > :after ORDER BY id LIMIT :count"
    )
    filled = sa.text("UPDATE contact SET key = :key, searched = :searched WHERE id = :id")
    after = 0
    while rows := connection.execute(wanted, {"after": after, "count": SLICE}).all():
        values = [
            {
                "id": row.id,
                "key": plain(row.name),
                "searched": searched(row.number, row.typed, Variables(row.name, row.v1, row.v2, row.v3)),
            }
            for row in rows
        ]
        connection.execute(filled, values)
        after = rows[-1].id


def _history() -> None:
    op.add_column("submission", sa.Column("segments", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("submission", sa.Column("day", sa.Integer(), nullable=False, server_default="0"))
    # the day of UTC: no service's clocks are known here
    op.execute(
        "UPDATE submission SET day = due / 86400, segments = "
        "(SELECT coalesce(sum(message.segments), 0) FROM message WHERE message.submission_id = submission.id)"
    )
    op.drop_index("ix_submission_account_id", "submission")
    op.create_index("ix_submission_account_id_created_id", "submission", ["account_id", "created", "id"])
    by_channel = ["account_id", "channel", "created", "id"]
    op.create_index("ix_submission_account_id_channel_created_id", "submission", by_channel)
    _partial_index("ix_submission_deferred", "submission", ["account_id", "due"], "code = 81")
    op.add_column("message", sa.Column("account_id", ID, nullable=False, server_default="0"))
    op.execute(
        "UPDATE message SET account_id = "
        "(SELECT submission.account_id FROM submission WHERE submission.id = message.submission_id)"
    )
    op.create_index("ix_message_submission_id_state_id", "message", ["submission_id", "state", "id"])
    op.drop_index("ix_message_submission_id", "message")
    op.create_index("ix_message_number_id", "message", ["number", "id"])
    ended = "state IN ('failed', 'rejected', 'expired', 'unknown', 'cancelled')"
    _partial_index("ix_message_undelivered", "message", ["account_id", "state", "id"], ended)
    op.create_table(
        "daily_tally",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("messages", "segments", "credits")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_daily_tally_account_id")),
        sa.PrimaryKeyConstraint("account_id", "day", "outcome", name=op.f("pk_daily_tally")),
        sqlite_with_rowid=False,
    )
    _count("accepted", "")
    _count("failed", "AND message.state IN ('failed', 'rejected', 'expired')")
    _count("cancelled", "AND message.state = 'cancelled'")


def _count(outcome: str, condition: str) -> None:
    op.execute(
        "INSERT INTO daily_tally (account_id, day, outcome, messages, segments, credits) "
        f"SELECT submission.account_id, submission.day, '{outcome}', count(*), "
        "sum(message.segments), sum(message.credits) FROM submission "
        f"JOIN message ON message.submission_id = submission.id WHERE 1 = 1 {condition} "
        "GROUP BY submission.account_id, submission.day"
    )


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
