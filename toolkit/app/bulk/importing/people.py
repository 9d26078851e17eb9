"""Whom a row of a file means: by an id, by e-mail, by phone; never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from toolkit.app.bulk.importing.columns import HIGHLEVEL_ID, TIMETONIC_ID
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from toolkit.app.grid.shelf import GridShelf
    from toolkit.model.values import Value

MatchKey = Literal["id", "email", "phone"]
_SHARED: Final = "its phone is that of a contact with another e-mail"
MATCH_KEYS: Final[tuple[MatchKey, ...]] = ("id", "email", "phone")


@dataclass(slots=True)
class People:
    """Every contact, by each of its keys.

    Attributes:
        by_id: Side -> record id -> contact.
        by_value: `email` and `phone` -> value -> contacts.
        with_email: Contacts that have one.
    """

    by_id: dict[str, dict[str, LinkId]] = field(default_factory=dict)
    by_value: dict[str, dict[str, list[LinkId]]] = field(default_factory=dict)
    with_email: set[LinkId] = field(default_factory=set)

    @classmethod
    def of(cls, shelf: GridShelf) -> People:
        """Read them; ids and two values of each stay in memory, nothing else."""
        made = cls({HIGHLEVEL_ID: {}, TIMETONIC_ID: {}}, {"email": {}, "phone": {}})
        found: dict[str, dict[str, list[LinkId]]] = {
            "email": defaultdict(list),
            "phone": defaultdict(list),
        }
        for link_id, (email, phone) in shelf.scan_fields(["email", "phone"]):
            for name, value in (("email", email), ("phone", phone)):
                if isinstance(value, str) and value:
                    found[name][_folded(value)].append(LinkId(link_id))
        made.by_value = {name: dict(each) for name, each in found.items()}
        made.with_email = {who for each in found["email"].values() for who in each}
        for link_id, highlevel_id, timetonic_id in shelf.scan_ids():
            for name, record_id in ((HIGHLEVEL_ID, highlevel_id), (TIMETONIC_ID, timetonic_id)):
                if record_id is not None:
                    made.by_id[name][record_id] = LinkId(link_id)
        return made

    def find(
        self, ids: Mapping[str, str], values: Mapping[str, Value], keys: Sequence[MatchKey]
    ) -> tuple[set[LinkId], str]:
        """Contacts a row may mean, and a clause where that is not exactly one.

        The first key that names anybody decides, but another one that names somebody else
        makes the row ambiguous.

        Args:
            ids: Given ids, by heading name of `IDS`.
            values: `email` and `phone` as the mapping reads them.
            keys: Which count, the first one most.
        """
        named: dict[str, set[LinkId]] = {}
        for key in keys:
            if key == "id":
                named |= {name: self._of_id(name, given) for name, given in ids.items()}
            else:
                value = values.get(key)
                held = self.by_value[key].get(_folded(value)) if isinstance(value, str) else ()
                named[key] = set(held or ())
        somebody = {name: each for name, each in named.items() if each}
        if not somebody:
            reason = "no contact has this id" if any(ids.values()) and "id" in keys else ""
            return set(), reason
        common = set.intersection(*somebody.values())
        if len(common) == 1:
            # People share a phone: an e-mail that nobody has may be another person's.
            is_doubtful = set(somebody) == {"phone"} and "email" in keys and values.get("email")
            if is_doubtful and common <= self.with_email:
                return common, _SHARED
            return common, ""
        every = set.union(*somebody.values())
        if common:
            return common, f"{len(common)} contacts have this {next(iter(somebody))}"
        return (
            every,
            f"its {' and its '.join(map(_word, somebody))} belong to different contacts",
        )

    def _of_id(self, name: str, given: str) -> set[LinkId]:
        found = self.by_id[name].get(given)
        return set() if found is None else {found}


def _folded(value: str) -> str:
    return value.strip().lower()


def _word(name: str) -> str:
    return {HIGHLEVEL_ID: "HighLevel id", TIMETONIC_ID: "TimeTonic id"}.get(name, name)
