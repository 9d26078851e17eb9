"""What people see, built from values by pure functions; every one has its own test."""
