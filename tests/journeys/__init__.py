"""Whole stories, with the real daemon: what is promised to customers and operators."""
