"""For all tests in a browser."""

from tests.slack_takes import unsound  # noqa: F401 — in every test of Slack
