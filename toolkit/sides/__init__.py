"""Each vendor as a port of neutral records."""
