"""The SMTP server, by its bytes."""
