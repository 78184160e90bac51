"""An operator's SMSC, by SMPP 3.4: SMStoB's segments and receipts over ``txsmpp``.

``settings`` read the configuration, ``encode`` makes submit_sm of segments, ``statuses`` say what an operator's codes
mean, ``inbound`` reads what comes, ``rate`` slows down where the operator asks for it, ``gateway`` joins them.
"""
