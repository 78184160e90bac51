"""Tests of the room of accounts, on a house without doors."""
