"""The desktop program, one file that customers run with Python and Tk: it sends by e-mail.

It may import ``smstob.model`` and what of ``smstob.contacts`` is pure; ``archive``, the daemon's, makes the file.
"""
