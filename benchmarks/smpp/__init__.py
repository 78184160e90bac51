"""``txsmpp`` beside ``smpp.twisted3``, and the daemon with its SMPP gateway: ``python -m benchmarks.smpp``."""
