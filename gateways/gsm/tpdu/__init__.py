"""The TPDUs of 3GPP TS 23.040, as modems write them in hexadecimal; values and bytes, without a link.

``pdu`` reads and writes a line of ``AT+CMGS``, ``+CMT``, ``+CDS``, ``+CMGR`` or ``+CMGL``. ``submit`` is what we send,
``deliver`` what telephones send back, ``report`` what becomes of ours. They consist of ``address``, ``times`` and
``user_data``, the latter of ``coding`` and ``languages``; ``octets`` has what goes wrong.
"""
