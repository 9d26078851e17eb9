"""Owners and people's names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from toolkit.mapping.choices import folded
from toolkit.mapping.context import Owner
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.texts import normal_text, read_text
from toolkit.model.ids import Side
from toolkit.model.values import Value


class OwnerConverter:
    """The HighLevel user a record is assigned to; TimeTonic shows the name.

    Args:
        users: All users of the location.
    """

    blank: Value = None

    def __init__(self, users: tuple[Owner, ...]) -> None:
        self._ids = {user.id: user.id for user in users}
        self._spellings: dict[str, str] = {}
        for owner_id, spelling in _spellings(users):
            self._spellings.setdefault(spelling, owner_id)
        self._shown = {user.id: self._best_spelling(user) for user in users}

    def canon(self, _side: Side, raw: object) -> Value:
        """The user's id, from id, e-mail or a name only one user has.

        Raises:
            ConversionProblemError: No user, or several, go by that.
        """
        found = self._find(read_text(raw))
        if found is None:
            raise ConversionProblemError("no single user of the location goes by that")
        return found

    def render(self, side: Side, value: Value) -> object:
        """The id for HighLevel; for TimeTonic the name, else the e-mail.

        Raises:
            ConversionProblemError: The location has no such user (any more).
        """
        owner_id = str(value)
        if owner_id not in self._ids:
            raise ConversionProblemError("the location has no such user")
        return owner_id if side is Side.HIGHLEVEL else self._shown[owner_id]

    def _best_spelling(self, user: Owner) -> str:
        for spelling in (user.name, user.email):
            shown = " ".join(normal_text(spelling).split())
            if shown and self._find(shown) == user.id:
                return shown
        return user.id

    def _find(self, text: str) -> str | None:
        return self._ids.get(text) or self._spellings.get(_spelled(text))


def _spellings(users: tuple[Owner, ...]) -> Iterator[tuple[str, str]]:
    for key in ("email", "name"):
        spelled = [(user.id, _spelled(getattr(user, key))) for user in users]
        times = Counter(spelling for _, spelling in spelled)
        yield from ((who, each) for who, each in spelled if each and times[each] == 1)


def _spelled(text: str) -> str:
    return " ".join(folded(text).split())


class NameConverter:
    """First and last name on HighLevel, one column on TimeTonic.

    Splitting at the first blank is a guess about somebody's name, so it only happens
    when the whole name is written; a name nobody edits keeps its two halves.

    Args:
        parts: HighLevel keys that hold the name: two, or one for the whole.
    """

    blank: Value = None

    def __init__(self, parts: int) -> None:
        self._parts = parts

    def canon(self, _side: Side, raw: object) -> Value:
        """The whole name with single blanks."""
        parts = raw if isinstance(raw, tuple) else (raw,)
        words = [word for part in parts if part is not None for word in read_text(part).split()]
        return " ".join(words) or None

    def render(self, side: Side, value: Value) -> object:
        """First and last name for HighLevel (last may be None); the whole elsewhere."""
        whole = str(value)
        if side is Side.TIMETONIC or self._parts == 1:
            return whole
        first, _, last = whole.partition(" ")
        return first, last or None
