"""The contact book, and the files it is filled from."""
