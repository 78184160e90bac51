"""The path of a message: authenticate, submit, dispatch, settle, report.

One verb a file. Imports ``model``, ``interfaces`` and ``storage``; knows no channel and no gateway.
"""
