"""One client per vendor; they know nothing of sync."""
