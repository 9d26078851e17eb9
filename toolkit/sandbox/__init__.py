"""The two vendors, emulated as strictly as they are documented."""
