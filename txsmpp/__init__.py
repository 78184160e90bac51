"""SMPP 3.4 for Twisted: both sides of a link, without opinions on what messages are for.

``constants``, ``tlv``, ``fields``, ``binding``, ``pdu``, ``frame``, ``submit``, ``times`` and ``receipt`` are values
and bytes. ``session`` is the protocol as a state machine: bytes in, ``events`` out. ``wire``, ``client`` and
``server`` put it on Twisted's transports. Imports nothing but the standard library, attrs and, in those three, Twisted.
"""
