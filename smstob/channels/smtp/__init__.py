"""The e-mail door: an SMTP server that reads mails as requests to send, and answers each in its dialogue.

``server`` speaks SMTP, ``mailbox`` reads addresses and subjects, ``reading`` and its siblings make a mail's text
of its bytes, ``verification`` asks the DNS about its sender, ``delivery`` joins them. Imports what ``channels``
may, and twisted.mail; lxml in ``markup``; dkim, spf, dns and publicsuffixlist in ``verification``.
"""
