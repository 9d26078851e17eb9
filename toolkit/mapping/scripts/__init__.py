"""The user's own Python, in a process of its own: how it is called and kept within bounds."""
