"""The ways to tell senders: each provides ``ICourier``."""
