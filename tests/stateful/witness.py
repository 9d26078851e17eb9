"""Remembers what people typed, and testifies whether anything was lost, doubled or made up.

Nothing here asks the planner: what must come out of a quiet sync is worked out from the
screens alone, by a table of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count, product

from tests.stateful.hands import FIELDS, Shown
from tests.stateful.world import World
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Create, Delete, Join, Unlink, Update

HIGHLEVEL, TIMETONIC = Side.HIGHLEVEL, Side.TIMETONIC
KINDS = tuple(FIELDS)
ARCHIVED = "archived"
_LINEAGE = re.compile(r"\b([ctn]\d+)[ -]v\d+\b")

# Who wins where both sides changed a field differently (DESIGN section 4, default mapping).
_ASK = {"name", "email", "title", ("note", "body")}
_HIGHLEVEL_WINS = {("task", "body"), "is_completed"}

Place = tuple[Side, Kind, RecordId]


class Witness:
    """What people typed, record family by record family.

    A *family* is everything that descends from one record a person made: the record, its
    twin, their later re-creations. Two records joined by a match key become one family.

    Attributes:
        typed: Family and field -> values people typed there.
        owed: Family and field -> texts nobody who saw them has replaced.
        kept: Records whose twin a person deleted, where deletions do not travel.
        doomed: Families in step of which a person deleted a record, where they do.
        removed: Families of which a person deleted a record, or its contact.
        undone: Families that an undo run touched.
        twice: Families of which people entered the same record on both sides.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count(1)
        self._families = count(1)
        self._parents: dict[str, str] = {}
        self._born: dict[Place, str] = {}
        self.typed: dict[tuple[str, str], set] = defaultdict(set)
        self.owed: dict[tuple[str, str], set] = defaultdict(set)
        self.bases: dict[tuple[str, str], set] = defaultdict(set)
        self._replaced: dict[tuple[str, str], set] = defaultdict(set)
        self.removed: set[str] = set()
        self.kept: set[Place] = set()
        self.doomed: set[str] = set()
        self.undone: set[str] = set()
        self.twice: dict[str, tuple[Place, Place]] = {}
        self.dirty: set[str] = set()

    # -- families ---------------------------------------------------------------------------

    def family(self, place: Place) -> str:
        """The family of a record; that of a record nobody typed is read off its values."""
        if place not in self._born:
            self._born[place] = self._read_family(place)
        return self._root(self._born[place])

    def _read_family(self, place: Place) -> str:
        side, kind, record_id = place
        shown = self._world.shown(side, kind)[record_id]
        named = self._named(value for name, value in shown.values.items() if name != "email")
        # Of all texts only an e-mail can be another family's: people do type somebody else's.
        named = named or self._named([shown.values.get("email")])
        assert named, f"nobody typed this {kind} in {side}: {shown}"
        assert len(named) == 1, f"this {kind} in {side} mixes {sorted(named)}: {shown}"
        return named.pop()

    def _named(self, values: Iterable[object]) -> set[str]:
        words = " ".join(str(value) for value in values)
        return {self._root(name) for name in _LINEAGE.findall(words)}

    def _root(self, family: str) -> str:
        while family in self._parents:
            family = self._parents[family]
        return family

    def _members(self, family: str) -> set[str]:
        return {each for each in {*self._born.values(), family} if self._root(each) == family}

    def take_links(self) -> None:
        """Two records that hightonic holds for one are one family, if a person would agree."""
        for link in self._world.store.links():
            places = [(side, link.kind, link.id_on(side)) for side in Side if link.id_on(side)]
            for family in [
                name for name, twins in self.twice.items() if set(places) == set(twins)
            ]:
                del self.twice[family]
            known = [self._root(self._born[place]) for place in places if place in self._born]
            if len(known) == len(Side) and known[0] != known[1]:
                self._join(*known, kind=link.kind)

    def _join(self, one: str, two: str, *, kind: Kind) -> None:
        key = "email" if kind is Kind.CONTACT else "body"
        shared = (self._all_typed(one, key) & self._all_typed(two, key)) - {None}
        assert shared, f"{one} and {two} were joined though no {key} is the same"
        for name in FIELDS[kind]:
            for store in (self.typed, self.owed):
                store[one, name] |= store.pop((two, name), set())
            self.bases.pop((two, name), None)
            self.bases.pop((one, name), None)
        # What they were joined by may have been replaced on one side in the meantime.
        self.owed[one, key] -= self._replaced[one, key] | self._replaced[two, key]
        self._parents[two] = one
        for families in (self.removed, self.undone, self.dirty):
            if two in families:
                families.discard(two)
                families.add(one)

    def _all_typed(self, family: str, name: str) -> set:
        return self.typed[self._root(family), name]

    # -- people type ------------------------------------------------------------------------

    def new_family(self, kind: Kind) -> str:
        return f"{kind[0]}{next(self._families)}"

    def text(self, family: str) -> str:
        """A text nobody ever typed before."""
        return f"{family} v{next(self._numbers)}"

    def value_for(self, family: str, name: str) -> object:
        text = self.text(family)
        if name == "email":
            return text.replace(" ", "-") + "@example.com"
        if name == "tags":
            return text.replace(" ", "-")
        return text

    def saw_birth(self, place: Place, family: str, values: dict) -> None:
        """A person made a record."""
        self._born[place] = family
        self.dirty.add(self._root(family))
        for name, value in values.items():
            self._typed(family, name, value)

    def saw_edit(self, place: Place, before: Shown, values: dict) -> None:
        """A person replaced what the record showed on that side."""
        family = self.family(place)
        self.dirty.add(family)
        self.doomed.discard(family)
        for name, value in values.items():
            old, new = _texts(before.values[name]), _texts(value)
            self.owed[family, name] -= old - new
            self._replaced[family, name] |= old - new
            self._typed(family, name, value, fresh=new - old)

    def saw_removal(self, place: Place, before: Shown) -> None:
        """A person deleted a record and everything it showed."""
        family = self.family(place)
        self._saw_end(place, family)
        self.dirty.add(family)
        self.removed.add(family)
        for name, value in before.values.items():
            self.owed[family, name] -= _texts(value)
        if place[1] is Kind.CONTACT:
            self._saw_children_go(place[0], family)

    def _saw_end(self, place: Place, family: str) -> None:
        """What becomes of the twin is settled by the settings, if nothing else happens."""
        side, kind, record_id = place
        self.kept.discard(place)
        link = self._world.store.find_link_by_id(kind, side, record_id)
        twin = link and link.id_on(side.other)
        if twin not in self._world.shown(side.other, kind) or link.state is not LinkState.LIVE:
            return
        if self._world.deletes == "unlink":
            self.kept.add((side.other, kind, twin))
        elif kind is not Kind.CONTACT and family not in self.dirty:
            self.doomed.add(family)

    def _saw_children_go(self, side: Side, contact: str) -> None:
        """HighLevel deletes a contact's tasks and notes with it; in TimeTonic they hang on."""
        for place, shown in list(self.records()):
            parent = (place[0], Kind.CONTACT, shown.parent_id)
            if place[1] is Kind.CONTACT or parent not in self._born:
                continue
            if self.family(parent) == contact:
                self.removed.add(self.family(place))
                self.dirty.add(self.family(place))
                # Where deletions travel, a contact's tasks and notes are meant with it.
                if side is place[0] and (side is HIGHLEVEL or self._world.deletes == "delete"):
                    self.saw_removal(place, shown)
                # A contact that is kept after all brings back what hung on it.
                self.doomed.discard(self.family(place))

    def saw_choice(self, family: str, name: str, *, dropped: set, chosen: object) -> None:
        """A person settled a conflict having seen both values."""
        self.dirty.add(family)
        self.owed[family, name] -= dropped - _texts(chosen)
        self.typed[family, name].add(chosen)
        self.bases[family, name].clear()

    def saw_undo(self, run_id: str) -> None:
        """A person takes a run back: what it wrote may go."""
        for operation, family in list(self.written(run_id)):
            self.undone.add(family)
            self.dirty.add(family)
            self.doomed.discard(family)
            for name, value in getattr(operation, "after", {}).items():
                self.owed[family, name] -= _texts(value)

    def excuse(self, family: str, name: str) -> None:
        """A value was replaced within one round trip of being typed; that race is known."""
        self.owed.pop((self._root(family), name), None)
        self.bases.pop((self._root(family), name), None)

    def _typed(
        self, family: str, name: str, value: object, *, fresh: set | None = None
    ) -> None:
        root = self._root(family)
        self.typed[root, name] |= {value} if name != "tags" else set(value)
        if name != "is_completed":
            self.owed[root, name] |= _texts(value) if fresh is None else fresh

    # -- what both sides show ---------------------------------------------------------------

    def records(self) -> Iterator[tuple[Place, Shown]]:
        for side, kind in product(Side, KINDS):
            for record_id, shown in self._world.shown(side, kind).items():
                yield (side, kind, record_id), shown

    def pairs(self) -> Iterator[tuple[Link, str, dict[Side, Shown]]]:
        """Live pairs whose two records both stand, with their family."""
        for link in self._world.store.links(states=[LinkState.LIVE]):
            found = {
                side: self._world.shown(side, link.kind).get(link.id_on(side)) for side in Side
            }
            if not all(found.values()):
                continue
            family = self.family((HIGHLEVEL, link.kind, link.highlevel_id))
            # Whoever entered a task twice and then edited one of them has two tasks.
            if family not in self.twice:
                yield link, family, found

    def note_agreement(self, *, is_settled: bool) -> None:
        """Both sides show one value: hightonic may take it as agreed, and now has, if settled."""
        for link, family, found in self.pairs():
            is_quiet = True
            for name in FIELDS[link.kind]:
                one, two = (found[side].values[name] for side in Side)
                cell = self.bases[family, name]
                if one == two:
                    if is_settled:
                        cell.clear()
                    cell.add(one)
                else:
                    is_quiet = False
            if is_quiet and is_settled:
                self.dirty.discard(family)

    def expect(self, *, with_notes: bool) -> dict[tuple[str, str], set]:
        """What each pair may show after a quiet sync, by the table of three-way merges."""
        expected = {}
        for link, family, found in self.pairs():
            is_read = with_notes or link.kind is not Kind.NOTE
            for name in FIELDS[link.kind]:
                bases = self.bases[family, name]
                now = tuple(found[side].values[name] for side in Side)
                if bases and is_read and family not in self.undone:
                    expected[family, name] = {
                        merged_by_hand(link.kind, name, base, now) for base in bases
                    }
        return expected

    # -- testimony --------------------------------------------------------------------------

    def check_expected(self, expected: dict[tuple[str, str], set]) -> None:
        for link, family, found in self.pairs():
            for name in FIELDS[link.kind]:
                if (family, name) in expected:
                    now = tuple(found[side].values[name] for side in Side)
                    assert now in expected[family, name], (
                        f"{family} {name} shows {now} instead of {expected[family, name]}"
                    )

    def check_no_doubles(self) -> None:
        """I3: of one family at most one record stands on each side."""
        seen: dict[tuple[Side, Kind, str], RecordId] = {}
        for place, shown in self.records():
            if self.family(place) in self.twice:
                continue
            key = (place[0], place[1], self.family(place))
            assert key not in seen, f"{key} stands twice: {seen[key]} and {place[2]} {shown}"
            seen[key] = place[2]

    def check_no_invention(self) -> None:
        """I4: every value shown was typed by a person into that very family."""
        for place, shown in self.records():
            family = self.family(place)
            for name, value in shown.values.items():
                typed = self.typed[family, name]
                made_up = (set(value) if name == "tags" else {value}) - typed - {ARCHIVED}
                assert not made_up, f"nobody typed {made_up} as {name} of {family} ({place})"

    def check_nobody_vanished(self) -> None:
        """I4: what a person made stands until a person deletes it, or its twin."""
        standing = {place for place, _ in self.records()}
        for place, family in self._born.items():
            if place not in standing:
                assert self._is_excused(self._root(family)), f"{place} of {family} vanished"
        for place in self.kept - standing:
            assert self.family(place) in self.undone, f"{place} followed its twin"

    def check_deletions_travelled(self) -> None:
        """Where deletions travel, an unedited task or note follows its twin."""
        for place, shown in self.records():
            assert self.family(place) not in self.doomed, f"{place} {shown} stayed behind"

    def check_nothing_lost(self) -> None:
        """I2: a text nobody replaced is shown somewhere, or the journal names it as loser."""
        losers = self._losers()
        shown: dict[tuple[str, str], set[str]] = defaultdict(set)
        for place, record in self.records():
            for name, value in record.values.items():
                shown[self.family(place), name] |= _texts(value)
        for (family, name), texts in self.owed.items():
            root = self._root(family)
            lost = texts - shown[root, name] - losers[root, name]
            assert not lost, f"{name} of {family} lost {lost}"

    def _losers(self) -> dict[tuple[str, str], set[str]]:
        losers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for entry in self._world.store.list_journal():
            if (conflict := entry.conflict) is None:
                continue
            for side, record_id in (
                (HIGHLEVEL, conflict.highlevel_id),
                (TIMETONIC, conflict.timetonic_id),
            ):
                if (side, conflict.kind, record_id) in self._born:
                    family = self.family((side, conflict.kind, record_id))
                    losers[family, conflict.field] |= _texts(conflict.highlevel)
                    losers[family, conflict.field] |= _texts(conflict.timetonic)
        return losers

    def check_converged(self, *, with_conflicts: bool) -> None:
        """I1: pairs show the same, but for open conflicts and what an undo left on purpose."""
        store = self._world.store
        asked = {
            (each.conflict.link_id, each.conflict.field) for each in store.list_conflicts()
        }
        assert with_conflicts or not asked, f"conflicts stay open: {asked}"
        for link, family, found in self.pairs():
            for name in FIELDS[link.kind]:
                one, two = (found[side].values[name] for side in Side)
                is_known = (link.id, name) in asked or family in self.undone
                assert one == two or is_known, f"{family} {name}: {one} is not {two}"

    def check_everyone_is_explained(self) -> None:
        """I1: a record without a live pair is one that a person deleted, or is listed."""
        listed = self._listed()
        owners = {
            (side, link.kind, link.id_on(side)): link
            for link in self._world.store.links()
            for side in Side
        }
        for place, shown in self.records():
            link = owners.get(place)
            if link is not None and link.state is LinkState.LIVE:
                continue
            assert link is None or link.state is not LinkState.HALF, f"{place} stays half done"
            is_excused = self._is_excused(self.family(place)) or self._is_orphan(place, shown)
            assert is_excused or place in listed, f"{place} {shown} has no twin, and no reason"

    def _is_orphan(self, place: Place, shown: Shown) -> bool:
        """Whether a task or note hangs on nobody, or on a contact somebody deleted."""
        side, kind, _ = place
        if kind is Kind.CONTACT:
            return False
        if shown.parent_id not in self._world.shown(side, Kind.CONTACT):
            return True
        return self._is_excused(self.family((side, Kind.CONTACT, shown.parent_id)))

    def _is_excused(self, family: str) -> bool:
        return family in self.removed or family in self.undone

    def _listed(self) -> set[Place]:
        store = self._world.store
        listed = {(each.side, each.kind, each.id) for each in store.list_findings()}
        for each in store.list_ambiguities():
            listed |= {(HIGHLEVEL, each.kind, i) for i in each.highlevel_ids}
            listed |= {(TIMETONIC, each.kind, i) for i in each.timetonic_ids}
        return listed

    def written(self, run_id: str) -> Iterator[tuple[object, str]]:
        """What a run wrote: operation and family."""
        for entry in self._world.store.list_journal(run=run_id):
            operation = entry.operation
            is_done = entry.state is OutcomeState.DONE
            is_change = isinstance(operation, Create | Update | Delete | Join | Unlink)
            family = self._family_of(entry) if is_done and is_change else None
            if family is not None:
                yield operation, family

    def _family_of(self, entry) -> str | None:
        operation = entry.operation
        for side in Side:
            for record_id in (
                entry.record_id,
                getattr(operation, "id", None),
                getattr(operation, "origin_id", None),
                getattr(operation, f"{side}_id", None),
            ):
                place = (side, entry.kind, record_id)
                if place in self._born:
                    return self.family(place)
        return None


def merged_by_hand(kind: Kind, name: str, base: object, now: tuple) -> tuple:
    """The table of sync.md 2.3 and 2.5: (HighLevel, TimeTonic) after both were merged."""
    one, two = now
    if one in (two, base):
        return (two, two)
    if name == "tags":
        base_tags, tags_one, tags_two = set(base), set(one), set(two)
        added = (tags_one | tags_two) - base_tags
        removed = (base_tags - tags_one) | (base_tags - tags_two)
        both = tuple(sorted((base_tags | added) - removed))
        return (both, both)
    if two == base:
        return (one, one)
    if _names(kind, name) & _ASK:
        return now
    if not _names(kind, name) & _HIGHLEVEL_WINS and one is None:
        return (two, two)
    return (one, one)


def _names(kind: Kind, name: str) -> set:
    return {name, (kind.value, name)}


def _texts(value: object) -> set[str]:
    """The texts in a value; a tick or a blank holds none."""
    if isinstance(value, tuple):
        return set(value)
    return {value} if isinstance(value, str) else set()
