"""Slack, emulated."""
