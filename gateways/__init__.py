"""The ways out, one module each, found through twisted.plugin.

Imports ``smstob.model`` and ``smstob.interfaces`` only: what a third party's gateway may import too.
"""
