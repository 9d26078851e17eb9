"""Widgets: a Python half that is tested without a browser, and a page half that draws."""
