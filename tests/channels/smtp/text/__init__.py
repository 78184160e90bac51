"""Mails, read."""
