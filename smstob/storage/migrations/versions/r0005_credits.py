"""Money: orders, payments, invoices that are never changed, transfers, shared domains, trials, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = ("invoice", "invoice_document")


def upgrade() -> None:
    op.add_column("purse", sa.Column("alerted_at", sa.BigInteger(), nullable=True))
    op.add_column("submission", sa.Column("sender", sa.Text(), nullable=True))
    op.add_column("notice", sa.Column("about", sa.Text(), nullable=True))
    _orders()
    _invoices()
    _others()
    if op.get_bind().dialect.name == "sqlite":
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()


def _keep_on_sqlite() -> None:
    for table in KEPT:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'invoices are never changed'); END"
            )


def _keep_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION invoice_unchanged() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'invoices are never changed'; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION invoice_unchanged()"
        )


def _orders() -> None:
    op.create_table(
        "customer",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("siren", sa.Text(), nullable=False),
        sa.Column("vat_number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_customer_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_customer")),
    )
    op.create_table(
        "sales_order",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("taxation", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("provider_reference", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("refunded", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("taken_back", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("credits > 0 AND net > 0 AND vat >= 0", name=op.f("ck_sales_order_amounts")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= net + vat", name=op.f("ck_sales_order_refunded")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sales_order_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_sales_order_reference")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_sales_order_account_id_key")),
    )
    op.create_index("ix_sales_order_account_id_id", "sales_order", ["account_id", "id"])
    unpaid = sa.text("state = 'open'")
    op.create_index("ix_sales_order_open", "sales_order", ["created"], sqlite_where=unpaid, postgresql_where=unpaid)
    op.create_table(
        "payment_event",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_payment_event_order_id")),
        sa.PrimaryKeyConstraint("provider", "event", name=op.f("pk_payment_event")),
        sqlite_with_rowid=False,
    )


def _invoices() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_invoice_series")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invoice",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_invoice_order_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invoice_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("key", name=op.f("uq_invoice_key")),
    )
    op.create_index("ix_invoice_order_id", "invoice", ["order_id"])
    op.create_index("ix_invoice_issued", "invoice", ["issued"])
    op.create_index("ix_invoice_account_id_id", "invoice", ["account_id", "id"])
    op.create_table(
        "invoice_document",
        sa.Column("invoice_id", ID, autoincrement=False, nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_document_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_document")),
    )


def _others() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", ID, nullable=False),
        sa.Column("giver_id", ID, nullable=False),
        sa.Column("receiver_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("credits > 0 AND giver_id <> receiver_id", name=op.f("ck_transfer_amount")),
        sa.ForeignKeyConstraint(["giver_id"], ["account.id"], name=op.f("fk_transfer_giver_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["account.id"], name=op.f("fk_transfer_receiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("giver_id", "key", name=op.f("uq_transfer_giver_id_key")),
    )
    op.create_index("ix_transfer_receiver_id", "transfer", ["receiver_id"])
    op.create_index("ix_transfer_giver_id_receiver_id", "transfer", ["giver_id", "receiver_id"])
    op.create_table(
        "following",
        sa.Column("giver_id", ID, autoincrement=False, nullable=False),
        sa.Column("receiver_id", ID, autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["giver_id"], ["account.id"], name=op.f("fk_following_giver_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["account.id"], name=op.f("fk_following_receiver_id")),
        sa.PrimaryKeyConstraint("giver_id", "receiver_id", name=op.f("pk_following")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_following_receiver_id", "following", ["receiver_id"])
    op.create_table(
        "shared_domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shared_domain_account_id")),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_shared_domain")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shared_domain_account_id", "shared_domain", ["account_id"])
    op.create_table(
        "sender_tally",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sender_tally_account_id")),
        sa.PrimaryKeyConstraint("account_id", "day", "sender", name=op.f("pk_sender_tally")),
        sqlite_with_rowid=False,
    )
    shared = sa.text("sender IS NOT NULL")
    by_sender = ["account_id", "sender", "created", "id"]
    op.create_index(
        "ix_submission_sender", "submission", by_sender, sqlite_where=shared, postgresql_where=shared
    )
    op.create_table(
        "trial_call",
        sa.Column("id", ID, nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trial_call_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_call")),
        sa.UniqueConstraint("call", name=op.f("uq_trial_call_call")),
        sa.UniqueConstraint("code", name=op.f("uq_trial_call_code")),
    )
    op.create_index("ix_trial_call_caller", "trial_call", ["caller"])
    op.create_table(
        "trial",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trial_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_trial")),
        sa.UniqueConstraint("caller", name=op.f("uq_trial_caller")),
    )
