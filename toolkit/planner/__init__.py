"""What should happen, decided from values alone."""
