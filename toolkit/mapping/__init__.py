"""Neutral values to vendor values and back, pure."""
