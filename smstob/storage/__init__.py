"""What is on disk. The only room that imports sqlalchemy; imports ``model`` besides.

A transaction is one plain function ``f(connection, ...)`` that takes and gives plain values; only
``database.Database`` begins and commits.
"""
