"""What runs when, and survives a crash: jobs behind one port, inline or durable."""
