"""A GSM modem and the network behind it, for tests. Shares nothing with ``gateways.gsm``, whose counterpart it is."""
