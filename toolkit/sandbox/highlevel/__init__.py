"""HighLevel, emulated: contacts and what a contact team needs around them."""

from toolkit.sandbox.highlevel.app import HighLevelEmulator, build_highlevel
from toolkit.sandbox.highlevel.options import HighLevelOptions

__all__ = ["HighLevelEmulator", "HighLevelOptions", "build_highlevel"]
