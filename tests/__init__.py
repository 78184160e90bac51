"""The tests of SMStoB, in the same tree as what they test."""
