"""The tables as they are now. ``migrations`` brings a database here; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ..model.ledger import SPENT
from .metadata import Id, metadata

account = Table(
    "account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("duplicates", Boolean, nullable=False),
    Column("format", Text, nullable=False),
    Column("validity", SmallInteger, nullable=False),
    Column("confirmations", Text, nullable=False),
    Column("characters", Text, nullable=False),
    Column("max_segments", SmallInteger, nullable=False),
    Column("alert_threshold", Integer),
    Column("alert_phone", Text),
    Column("sender_checks", Text, nullable=False, server_default="off"),
    Column("totp_secret", Text),
    Column("totp_used", BigInteger),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

session = Table(
    "session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("network", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("pending", Boolean, nullable=False),
)

password_link = Table(
    "password_link",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("expires", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

sending_key = Table(
    "sending_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("account_id", "name"),
)

familiar_network = Table(
    "familiar_network",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("network", Text, primary_key=True),
    sqlite_with_rowid=False,
)

purse = Table(
    "purse",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account_id", Id, ForeignKey("account.id"), unique=True),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    Column("alerted_at", BigInteger),
    CheckConstraint("balance >= 0 OR kind = 'issued'", name="balance"),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("source_id", Id, ForeignKey("purse.id"), nullable=False),
    Column("target_id", Id, ForeignKey("purse.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("note", Text),
    UniqueConstraint("reason", "reference"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("source_id <> target_id", name="purses"),
)
Index("ix_ledger_entry_source_id", ledger_entry.c.source_id)
# nearly every entry is a debit: one index less to keep for each
_not_spent = text(f"target_id <> {SPENT}")
Index(
    "ix_ledger_entry_target_id",
    ledger_entry.c.target_id,
    sqlite_where=_not_spent,
    postgresql_where=_not_spent,
)

submission = Table(
    "submission",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("reference", Text),
    Column("destination", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("code", SmallInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("validity", SmallInteger, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("credits", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("empty", Integer, nullable=False),
    Column("segments", Integer, nullable=False, server_default="0"),
    Column("day", Integer, nullable=False, server_default="0"),
    Column("sender", Text),
)
Index("ix_submission_account_id_created_id", submission.c.account_id, submission.c.created, submission.c.id)
Index(
    "ix_submission_account_id_channel_created_id",
    submission.c.account_id,
    submission.c.channel,
    submission.c.created,
    submission.c.id,
)
_deferred = text("code = 81")
Index(
    "ix_submission_deferred",
    submission.c.account_id,
    submission.c.due,
    sqlite_where=_deferred,
    postgresql_where=_deferred,
)
_named = text("reference IS NOT NULL")
Index(
    "uq_submission_reference",
    submission.c.reference,
    submission.c.account_id,
    unique=True,
    sqlite_where=_named,
    postgresql_where=_named,
)

message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submission.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("coding", Text, nullable=False),
    Column("segments", SmallInteger, nullable=False),
    Column("credits", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("lease", Text),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("repeats", SmallInteger, nullable=False, server_default="0"),
    Column("handed_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("error", Text),
    # the submission's, for what is found without it
    Column("account_id", Id, nullable=False, server_default="0"),
)
# with the state: counting the states of a campaign reads the index alone
Index("ix_message_submission_id_state_id", message.c.submission_id, message.c.state, message.c.id)
Index("ix_message_number_id", message.c.number, message.c.id)
_queued = text("state = 'queued'")
_handed = text("state = 'handed'")
_undelivered = text("state IN ('failed', 'rejected', 'expired', 'unknown', 'cancelled')")
Index(
    "ix_message_undelivered",
    message.c.account_id,
    message.c.state,
    message.c.id,
    sqlite_where=_undelivered,
    postgresql_where=_undelivered,
)
Index("ix_message_awaited", message.c.deadline, sqlite_where=_handed, postgresql_where=_handed)
Index(
    "ix_message_queue",
    message.c.gateway,
    message.c.priority,
    message.c.due,
    message.c.id,
    sqlite_where=_queued,
    postgresql_where=_queued,
)

segment = Table(
    "segment",
    metadata,
    Column("message_id", Id, ForeignKey("message.id"), primary_key=True, autoincrement=False),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # where the state is unknown: whether it goes out again
    Column("again", Boolean, nullable=False, server_default=false()),
    Column("error", Text),
    sqlite_with_rowid=False,
)
_awaited = text("state IN ('handed', 'unknown')")
Index("ix_segment_reference", segment.c.reference, segment.c.gateway, sqlite_where=_awaited, postgresql_where=_awaited)

parked_receipt = Table(
    "parked_receipt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("at", BigInteger, nullable=False),
    Column("number", Text),
    Index("ix_parked_receipt_reference", "reference", "gateway"),
)

reply = Table(
    "reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reference", Integer),
    Column("part", SmallInteger, nullable=False),
    Column("total", SmallInteger, nullable=False),
)

daily_tally = Table(
    "daily_tally",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("outcome", Text, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

duplicate = Table(
    "duplicate",
    metadata,
    Column("key", Id, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("v1", Text, nullable=False),
    Column("v2", Text, nullable=False),
    Column("v3", Text, nullable=False),
    Column("key", Text, nullable=False, server_default=text("''")),
    Column("searched", Text, nullable=False, server_default=text("''")),
)
Index("ix_contact_account_id_number", contact.c.account_id, contact.c.number)
Index("ix_contact_account_id_key_id", contact.c.account_id, contact.c.key, contact.c.id)

contact_group = Table(
    "contact_group",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
    UniqueConstraint("account_id", "key"),
)

membership = Table(
    "membership",
    metadata,
    Column("group_id", Id, ForeignKey("contact_group.id"), primary_key=True, autoincrement=False),
    Column("contact_id", Id, ForeignKey("contact.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)

phrase = Table(
    "phrase",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    UniqueConstraint("account_id", "name"),
)

contact_import = Table(
    "contact_import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("file", Text, nullable=False),
    Column("content", LargeBinary),
    Column("created", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("plan", Text),
    Column("group_id", Id),
    Column("group_name", Text, nullable=False, server_default=text("''")),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("updated", Integer, nullable=False, server_default="0"),
    Column("faulty", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("lease_until", BigInteger),
)
_running = text("state = 'running'")
Index("ix_contact_import_running", contact_import.c.id, sqlite_where=_running, postgresql_where=_running)

notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("thread", Text),
    Column("submission_id", Id, ForeignKey("submission.id")),
    Column("lines", Text),
    Column("verdict", Text),
    Column("since", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("told_at", BigInteger),
    Column("error", Text),
    Column("about", Text),
)
_owed = text("told_at IS NULL")
Index("ix_notice_due", notice.c.due, sqlite_where=_owed, postgresql_where=_owed)
_told = text("told_at IS NOT NULL")
Index("ix_notice_told_at", notice.c.told_at, sqlite_where=_told, postgresql_where=_told)

gateway_status = Table(
    "gateway_status",
    metadata,
    Column("name", Text, primary_key=True),
    Column("daemon", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("repeated", BigInteger, nullable=False),
    Column("rate", Double, nullable=False),
    Column("at", BigInteger, nullable=False),
)
