"""What `hightonic bulk` does with recipes, files and batches."""
