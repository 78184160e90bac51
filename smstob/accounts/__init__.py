"""Accounts as their holders use them: the way into the pages, and what they change there."""
