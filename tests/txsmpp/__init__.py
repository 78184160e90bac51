"""Tests of txsmpp, the SMPP library: nothing here knows the application."""
