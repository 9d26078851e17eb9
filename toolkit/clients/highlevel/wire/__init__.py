"""What HighLevel answers and takes, in our words; its own spelling stays in here."""
