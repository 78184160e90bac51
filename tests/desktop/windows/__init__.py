"""The windows of the desktop program, by keyboard and mouse."""
