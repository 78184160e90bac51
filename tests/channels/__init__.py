"""The doors, called as customers call them."""
