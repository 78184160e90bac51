"""Tests of the rooms of money."""
