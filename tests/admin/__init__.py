"""The operator's command: run in this process and as a process of its own."""
