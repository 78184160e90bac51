"""SMStoB: send SMS from a computer on a prepaid account.

Rooms, from the core outwards: model, storage, flow and contacts, channels, then assembly, tap and admin.
``docs/architecture.md`` has the picture; ``tests/test_rooms.py`` holds the imports to it.
"""
