"""Pure values and rules of the trade: numbers, texts, segments, money, dates, states.

Imports the standard library, attrs, and phonenumbers (in ``number``): no clock, no SQL, no Twisted,
nothing else of ours.
"""
