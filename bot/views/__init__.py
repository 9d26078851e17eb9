"""What Slack shows: pure builders of messages, modals and the home tab."""
