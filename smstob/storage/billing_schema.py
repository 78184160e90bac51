"""The tables of money and of credits for others; see ``schema``, whose metadata they share."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .metadata import Id, metadata
from .schema import submission

customer = Table(
    "customer",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("siren", Text, nullable=False),
    Column("vat_number", Text, nullable=False),
)

sales_order = Table(
    "sales_order",
    metadata,
    Column("id", Id, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    # of the form that made it: sent twice, it makes one order
    Column("key", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("vat", BigInteger, nullable=False),
    Column("rate", Integer, nullable=False),
    Column("taxation", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("paid_at", BigInteger),
    Column("received", Integer),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("provider_reference", Text, nullable=False, server_default=text("''")),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("taken_back", BigInteger, nullable=False, server_default="0"),
    Column("reminded_at", BigInteger),
    UniqueConstraint("account_id", "key"),
    CheckConstraint("credits > 0 AND net > 0 AND vat >= 0", name="amounts"),
    CheckConstraint("refunded >= 0 AND refunded <= net + vat", name="refunded"),
)
Index("ix_sales_order_account_id_id", sales_order.c.account_id, sales_order.c.id)
_open = text("state = 'open'")
Index("ix_sales_order_open", sales_order.c.created, sqlite_where=_open, postgresql_where=_open)

payment_event = Table(
    "payment_event",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("order_id", Id, ForeignKey("sales_order.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

invoice_series = Table(
    "invoice_series",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    # the day of the last one: numbers and days rise together, whatever a clock is set to
    Column("issued", Integer, nullable=False),
    sqlite_with_rowid=False,
)

invoice = Table(
    "invoice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    # what it is for, once: order:ID or refund:PROVIDER:EVENT
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("order_id", Id, ForeignKey("sales_order.id"), nullable=False, index=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("issued", Integer, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("vat", BigInteger, nullable=False),
    # all that it says, as JSON
    Column("facts", Text, nullable=False),
)
Index("ix_invoice_account_id_id", invoice.c.account_id, invoice.c.id)

invoice_document = Table(
    "invoice_document",
    metadata,
    Column("invoice_id", Id, ForeignKey("invoice.id"), primary_key=True, autoincrement=False),
    Column("pdf", LargeBinary, nullable=False),
    Column("xml", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("giver_id", Id, ForeignKey("account.id"), nullable=False),
    Column("receiver_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("giver_id", "key"),
    CheckConstraint("credits > 0 AND giver_id <> receiver_id", name="amount"),
)
Index("ix_transfer_giver_id_receiver_id", transfer.c.giver_id, transfer.c.receiver_id)

following = Table(
    "following",
    metadata,
    Column("giver_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("receiver_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False, index=True),
    Column("since", BigInteger, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    sqlite_with_rowid=False,
)

shared_domain = Table(
    "shared_domain",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("daily_limit", Integer),
    Column("created", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# what each address of a shared domain used, by day of the service's clocks
sender_tally = Table(
    "sender_tally",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("sender", Text, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
# nearly every submission is its account's own
_shared = text("sender IS NOT NULL")
Index(
    "ix_submission_sender",
    submission.c.account_id,
    submission.c.sender,
    submission.c.created,
    submission.c.id,
    sqlite_where=_shared,
    postgresql_where=_shared,
)

trial_call = Table(
    "trial_call",
    metadata,
    Column("id", Id, primary_key=True),
    Column("call", Text, nullable=False, unique=True),
    Column("code", LargeBinary, unique=True),
    Column("caller", LargeBinary),
    Column("at", BigInteger, nullable=False),
    Column("account_id", Id, ForeignKey("account.id")),
    Column("used_at", BigInteger),
)
Index("ix_trial_call_caller", trial_call.c.caller)

# telephones and accounts that had their trial
trial = Table(
    "trial",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("caller", LargeBinary, unique=True),
    Column("at", BigInteger, nullable=False),
)
