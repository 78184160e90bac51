"""The doors: each reads a request in its own language and tells the outcome in the same.

Imports ``model``, ``interfaces`` and its framework; never ``storage`` or ``flow``.
"""
