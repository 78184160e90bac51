"""The e-mail door: an SMTP server that reads mails as requests to send, and answers each in its dialogue.

``dialogue`` speaks SMTP, ``mailbox`` reads addresses and subjects, ``text`` makes a mail's text of its bytes,
``senders`` asks the DNS who wrote it, ``delivery`` joins them. Imports what ``channels`` may.
"""
