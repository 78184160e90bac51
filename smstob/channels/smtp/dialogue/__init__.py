"""The SMTP server: twisted.mail with its holes closed. Knows the seam in ``mail``, and nothing of what mails say."""
