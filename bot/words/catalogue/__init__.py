"""Every sentence in English and French, side by side.

An entry is (English, French); each is a sentence, or a pair of one for a single thing and
one for several. `{name}` is filled in, `{count}` is the number that chooses.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.words.catalogue.alerts import ALERTS
from bot.words.catalogue.answers import ANSWERS
from bot.words.catalogue.calendar import CALENDAR
from bot.words.catalogue.deeds import DEEDS
from bot.words.catalogue.entries import Entry
from bot.words.catalogue.forms import FORMS
from bot.words.catalogue.helping import HELPING
from bot.words.catalogue.linking import LINKING
from bot.words.catalogue.records import RECORDS
from bot.words.catalogue.replies import REPLIES
from bot.words.catalogue.syncing import SYNCING

LANGUAGES: Final = ("en", "fr")
CATALOGUE: Final = MappingProxyType[str, Entry](
    {
        **RECORDS,
        **SYNCING,
        **ALERTS,
        **ANSWERS,
        **FORMS,
        **HELPING,
        **LINKING,
        **REPLIES,
        **CALENDAR,
        **DEEDS,
    }
)
