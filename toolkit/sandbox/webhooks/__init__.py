"""What the emulated vendors send by themselves: signed webhooks, and calls of TimeTonic's automations."""

from toolkit.sandbox.webhooks.automations import CallAction, TimeTonicAutomations
from toolkit.sandbox.webhooks.faults import DeliveryFaults
from toolkit.sandbox.webhooks.retry import Policy
from toolkit.sandbox.webhooks.sender import HighLevelWebhooks

__all__ = [
    "CallAction",
    "DeliveryFaults",
    "HighLevelWebhooks",
    "Policy",
    "TimeTonicAutomations",
]
