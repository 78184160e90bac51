"""The gateway for GSM modems."""
