"""GSM modems on serial ports: SMStoB's segments, reports and replies by AT commands in PDU mode.

``tpdu`` is what modems are given and give, as values and bytes.
"""
