"""The first tables: accounts, the ledger, submissions and the queue, contacts, gateways' status."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_tables()
    for purse_id, kind in ((1, "issued"), (2, "spent")):
        op.execute(f"INSERT INTO purse (id, kind, balance) VALUES ({purse_id}, '{kind}', 0)")
    if op.get_bind().dialect.name == "sqlite":
        forbid_changes_on_sqlite()
    else:
        op.execute("SELECT setval('purse_id_seq', 2)")
        forbid_changes_on_postgresql()


def forbid_changes_on_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_entry_no_{event.lower()} BEFORE {event} ON ledger_entry "
            "BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END"
        )


def forbid_changes_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION ledger_entry_unchanged() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'ledger entries are never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_unchanged()"
    )


def create_tables() -> None:
    op.create_table(
        "account",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("duplicates", sa.Boolean(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("validity", sa.SmallInteger(), nullable=False),
        sa.Column("confirmations", sa.Text(), nullable=False),
        sa.Column("characters", sa.Text(), nullable=False),
        sa.Column("max_segments", sa.SmallInteger(), nullable=False),
        sa.Column("alert_threshold", sa.Integer(), nullable=True),
        sa.Column("alert_phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "duplicate",
        sa.Column("key", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_duplicate")),
    )
    op.create_table(
        "gateway_status",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("daemon", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("repeated", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "daemon", name=op.f("pk_gateway_status")),
    )
    op.create_table(
        "parked_receipt",
        sa.Column("id", ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_receipt")),
    )
    op.create_index("ix_parked_receipt_reference", "parked_receipt", ["reference", "gateway"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("v1", sa.Text(), nullable=False),
        sa.Column("v2", sa.Text(), nullable=False),
        sa.Column("v3", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id"], unique=False)
    op.create_table(
        "contact_group",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_group_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_group")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_contact_group_account_id_key")),
    )
    op.create_table(
        "familiar_network",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_familiar_network_account_id")),
        sa.PrimaryKeyConstraint("account_id", "network", name=op.f("pk_familiar_network")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purse",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("balance >= 0 OR kind = 'issued'", name=op.f("ck_purse_balance")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_purse_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purse")),
        sa.UniqueConstraint("account_id", name=op.f("uq_purse_account_id")),
    )
    op.create_table(
        "sending_key",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sending_key_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_key")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_sending_key_account_id_name")),
        sa.UniqueConstraint("digest", name=op.f("uq_sending_key_digest")),
    )
    op.create_table(
        "submission",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("validity", sa.SmallInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("empty", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_submission_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index("ix_submission_account_id", "submission", ["account_id", "id"], unique=False)
    op.create_index(
        "uq_submission_reference",
        "submission",
        ["reference", "account_id"],
        unique=True,
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_ledger_entry_purses")),
        sa.ForeignKeyConstraint(["source_id"], ["purse.id"], name=op.f("fk_ledger_entry_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["purse.id"], name=op.f("fk_ledger_entry_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reason", "reference", name=op.f("uq_ledger_entry_reason_reference")),
    )
    op.create_index("ix_ledger_entry_source_id", "ledger_entry", ["source_id"], unique=False)
    op.create_index(
        "ix_ledger_entry_target_id",
        "ledger_entry",
        ["target_id"],
        unique=False,
        sqlite_where=sa.text("target_id <> 2"),
        postgresql_where=sa.text("target_id <> 2"),
    )
    op.create_table(
        "membership",
        sa.Column("group_id", ID, autoincrement=False, nullable=False),
        sa.Column("contact_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_membership_contact_id")),
        sa.ForeignKeyConstraint(["group_id"], ["contact_group.id"], name=op.f("fk_membership_group_id")),
        sa.PrimaryKeyConstraint("group_id", "contact_id", name=op.f("pk_membership")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message",
        sa.Column("id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("coding", sa.Text(), nullable=False),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("repeats", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("handed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_message_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_queue",
        "message",
        ["gateway", "priority", "due", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_message_submission_id", "message", ["submission_id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_segment_message_id")),
        sa.PrimaryKeyConstraint("message_id", "part", name=op.f("pk_segment")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_segment_reference",
        "segment",
        ["reference", "gateway"],
        unique=False,
        sqlite_where=sa.text("state = 'handed'"),
        postgresql_where=sa.text("state = 'handed'"),
    )
