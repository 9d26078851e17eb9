"""The Jupyter front end."""
