"""The door for machines: webhooks, the way back from a consent, and what watches the service."""
