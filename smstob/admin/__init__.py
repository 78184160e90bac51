"""The operator's command ``smstob``. May import every room; no room imports it."""
