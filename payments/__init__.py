"""The ways to be paid, each found by its plugin. They import model and interfaces."""
