"""Automations: triggers, conditions and actions, evaluated purely."""
