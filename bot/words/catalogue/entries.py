"""What an entry of the catalogue is."""

from __future__ import annotations

from typing import TypeAlias

Phrase: TypeAlias = str | tuple[str, str]
"""A sentence, or one for a single thing and one for several."""
Entry: TypeAlias = tuple[Phrase, Phrase]
"""English, French."""
