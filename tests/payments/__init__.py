"""Tests of the ways to be paid."""
