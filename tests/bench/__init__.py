"""What the service can carry, measured over loopback: `python -m tests.bench webhook --json`."""
