"""What is seen of the desktop program: Tk. It shows what ``program.Program`` has, and asks it for the rest."""
