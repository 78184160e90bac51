"""The storage room: every transaction, directly, on SQLite and on PostgreSQL."""
