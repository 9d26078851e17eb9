"""Decides what to write: pure functions from links and observations to a plan."""
