"""The SMPP gateway, each file of it, against an SMSC in memory."""
