"""The path of a message, on a clock that is told the time and a database that answers at once."""
