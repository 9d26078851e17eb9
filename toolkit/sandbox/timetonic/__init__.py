"""TimeTonic, emulated: its one URL, its loose types, its open questions as switches."""

from toolkit.sandbox.timetonic.app import TimeTonicEmulator
from toolkit.sandbox.timetonic.build import build_timetonic
from toolkit.sandbox.timetonic.state import TimeTonicState
from toolkit.sandbox.timetonic.variant import Variant

__all__ = ["TimeTonicEmulator", "TimeTonicState", "Variant", "build_timetonic"]
