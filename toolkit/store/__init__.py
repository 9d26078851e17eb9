"""What this machine remembers: links, bases, outbox, journal, conflicts, vault."""
