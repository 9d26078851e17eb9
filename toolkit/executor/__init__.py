"""The only code that writes to a vendor."""
