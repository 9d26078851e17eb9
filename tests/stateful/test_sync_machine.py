"""People, faults and crashes in any order: nothing is lost, doubled or made up (sync.md 3.2)."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.conftest import PROFILE
from tests.sampling import IS_EXHAUSTIVE
from tests.stateful.hands import FIELDS
from tests.stateful.witness import Witness
from tests.stateful.world import World
from toolkit.errors import DecisionNeededError, HightonicError, UseError
from toolkit.model.ids import Kind, Side
from toolkit.model.links import LinkState
from toolkit.model.plan import Update
from toolkit.sandbox.faults import FaultKind

_FEW = 100 if IS_EXHAUSTIVE else 12
EXAMPLES = {"dev": _FEW, "ci": _FEW, "nightly": 2_000}
STEPS = {"dev": 25, "ci": 25, "nightly": 40}

SIDE = st.sampled_from(list(Side))
KIND = st.sampled_from([Kind.CONTACT, Kind.TASK, Kind.NOTE])
PICK = st.integers(0, 5)
EDITS = st.lists(st.tuples(SIDE, KIND, PICK, PICK), max_size=3)
FAULTS = (
    FaultKind.TOO_MANY,
    FaultKind.BROKEN_BEFORE,
    FaultKind.BROKEN_AFTER,
    FaultKind.BAD_GATEWAY_AFTER,
    FaultKind.UNAVAILABLE_BEFORE,
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.REFUSED_BUT_CREATED,
    FaultKind.DEADLOCK,
)
BOUNDARIES = ("write", "written", "commit", "committed", "read")
RIDERS = {"total_tasks", "open_tasks", "updated_at"}
DAY_S = 86_400.0


class SyncMachine(RuleBasedStateMachine):
    """Few records, few fields, many hands."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(deletes=st.sampled_from(["unlink", "delete"]), is_paged=st.booleans())
    def begin(self, deletes, is_paged=False):
        """A person on each side; with pages there are tasks and notes, and all is in step."""
        self.world = World(deletes=deletes, is_paged=is_paged)
        self.witness = Witness(self.world)
        self.renamed = set()
        self.is_disturbed = False
        for side in Side:
            self.create_contact(side=side, is_blank=False)
            for is_task in (True, False) if is_paged else ():
                self.create_child(side=side, is_task=is_task, pick=0)
        if is_paged:
            self._sync(is_full=False, all_notes=True)

    def teardown(self):
        if self.world is None:
            return
        try:
            self.settle()
        finally:
            self.world.close()

    # -- people -----------------------------------------------------------------------------

    @rule(side=SIDE, is_blank=st.booleans())
    def create_contact(self, side, is_blank):
        family = self.witness.new_family(Kind.CONTACT)
        self._create(side, Kind.CONTACT, family, self._contact_values(family, is_blank))

    @rule(is_task=st.booleans())
    def create_contact_on_both_sides(self, is_task):
        """The same person is entered twice by hand, maybe with the same task."""
        families = [self.witness.new_family(Kind.CONTACT) for _ in Side]
        values = [self._contact_values(family, False) for family in families]
        values[1]["email"] = values[0]["email"]
        ids = [
            self._create(side, Kind.CONTACT, *each)
            for side, *each in zip(Side, families, values, strict=True)
        ]
        if is_task:
            family = self.witness.new_family(Kind.TASK)
            values = {"title": self.witness.text(family), "body": None, "is_completed": False}
            values["body"] = self.witness.text(family)
            self.witness.twice[family] = tuple(
                (side, Kind.TASK, self._create(side, Kind.TASK, family, values, parent))
                for side, parent in zip(Side, ids, strict=True)
            )

    @rule(side=SIDE, is_task=st.booleans(), pick=PICK)
    def create_child(self, side, is_task, pick):
        contacts = sorted(self.world.shown(side, Kind.CONTACT))
        if not contacts:
            return
        kind = Kind.TASK if is_task else Kind.NOTE
        family = self.witness.new_family(kind)
        text = self.witness.text
        values = {"body": text(family)}
        if is_task:
            values |= {"title": text(family), "is_completed": False}
        self._create(side, kind, family, values, contacts[pick % len(contacts)])

    @rule(side=SIDE, kind=KIND, pick=PICK, fields=st.lists(PICK, min_size=1, max_size=2))
    def edit(self, side, kind, pick, fields):
        """One or two fields of one record get new values."""
        if (found := self._find(side, kind, pick)) is None:
            return
        names = {FIELDS[kind][each % len(FIELDS[kind])] for each in fields}
        self._edit(side, kind, found, names)

    @rule(kind=KIND, pick=PICK, choice=PICK, then_syncs=st.booleans())
    def edit_the_same_field_on_both_sides(self, kind, pick, choice, then_syncs=False):
        pairs = [link for link, _, _ in self.witness.pairs() if link.kind is kind]
        if not pairs:
            return
        link = pairs[pick % len(pairs)]
        name = FIELDS[kind][choice % len(FIELDS[kind])]
        for side in Side:
            self._edit(side, kind, link.id_on(side), {name})
        if then_syncs:
            self._sync(is_full=False, all_notes=True)

    @rule(side=SIDE, pick=PICK, name=st.sampled_from(["email", "source", "body", "tags"]))
    def blank(self, side, pick, name):
        kind = Kind.TASK if name == "body" else Kind.CONTACT
        if (found := self._find(side, kind, pick)) is not None:
            self._put(side, kind, found, {name: () if name == "tags" else None})

    @rule(pick=PICK, other=PICK)
    def rename_email_to_another_s(self, pick, other):
        """HighLevel's own screens would refuse; TimeTonic's do not."""
        rows = self.world.shown(Side.TIMETONIC, Kind.CONTACT)
        one, two = (self._find(Side.TIMETONIC, Kind.CONTACT, each) for each in (pick, other))
        if one is None or one == two or rows[two].values["email"] is None:
            return
        self.renamed.add(one)
        email = rows[two].values["email"]
        self._put(Side.TIMETONIC, Kind.CONTACT, one, {"email": email})

    @rule(side=SIDE, pick=PICK)
    def complete_a_task(self, side, pick):
        if (found := self._find(side, Kind.TASK, pick)) is not None:
            is_done = self.world.shown(side, Kind.TASK)[found].values["is_completed"]
            self._put(side, Kind.TASK, found, {"is_completed": not is_done})

    @rule(side=SIDE, kind=KIND, pick=PICK)
    def delete(self, side, kind, pick):
        if (found := self._find(side, kind, pick)) is None:
            return
        before = self.world.shown(side, kind)[found]
        self.witness.saw_removal((side, kind, found), before)
        self.world.hands[side].remove(kind, found)

    # -- the world --------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([40.0, 400.0, DAY_S + 1.0]))
    def wait(self, seconds):
        self.world.clock.advance(seconds)

    @rule(
        kind=st.sampled_from(FAULTS),
        side=SIDE,
        nth=st.integers(1, 4),
        writes_only=st.booleans(),
        edits=EDITS,
    )
    def break_next_call(self, kind, side, nth, writes_only, edits=()):
        self.is_disturbed = True
        self.world.break_next(kind, side, nth=nth, writes_only=writes_only)
        self._edit_many(edits)

    @rule(seconds=st.sampled_from([5.0, 30.0]))
    def fall_behind(self, seconds):
        """HighLevel's search index lags from here on."""
        self.is_disturbed = True
        self.world.age_index(seconds)

    @precondition(lambda self: self.is_disturbed)
    @rule()
    def heal(self):
        """Nothing goes wrong any more; three syncs later nothing is left of it."""
        self._recover()
        if self._sync(is_full=True, all_notes=True):
            assert not self.world.store.list_pending()

    # -- hightonic --------------------------------------------------------------------------

    @rule(edits=EDITS, is_full=st.booleans(), all_notes=st.booleans())
    def sync(self, is_full, all_notes, edits=()):
        self._edit_many(edits)
        self._sync(is_full=is_full, all_notes=all_notes)

    @rule()
    def sync_twice(self):
        """Changing nothing and syncing writes nothing."""
        is_clean = self._sync(is_full=False, all_notes=True)
        if is_clean:
            before = self.world.writes()
            self._sync(is_full=False, all_notes=False)
            assert self.world.writes() == before, "a second sync wrote"

    @rule(edits=EDITS, all_notes=st.booleans())
    def preview_then_sync(self, all_notes, edits=()):
        self._edit_many(edits)
        notes = "all" if all_notes else "due"
        writes, memory = self.world.writes(), self._memory()
        plan = self._attempt(lambda c: c.preview(notes=notes))
        assert self.world.writes() == writes, "a preview wrote"
        assert self._memory() == memory, "a preview changed what is remembered"
        if plan is None or self.is_disturbed or self.world.store.list_pending():
            return
        report = self._attempt(lambda c: c.sync(notes=notes))
        assert report.plan_hash == plan.hash, "what was shown is not what was applied"

    @rule(side=SIDE, kind=KIND, pick=PICK, choice=PICK)
    def apply_an_older_plan(self, side, kind, pick, choice):
        """A person looks at a plan, somebody edits, then the plan is applied."""
        plan = self._attempt(lambda c: c.preview(notes="all"))
        self.edit(side=side, kind=kind, pick=pick, fields=[choice])
        if plan is not None:
            self._attempt(lambda c: c.apply(plan))

    @rule(nth=st.integers(1, 12), side=SIDE, kind=KIND, pick=PICK, choice=PICK)
    def sync_while_somebody_edits(self, nth, side, kind, pick, choice):
        edited = []

        def act():
            found = self._find(side, kind, pick)
            name = FIELDS[kind][choice % len(FIELDS[kind])]
            if found is not None:
                edited.append((side, kind, found, name))
                # What stood here until now may have been read, and agreed on, already.
                old = self.world.shown(side, kind)[found].values[name]
                family = self.witness.family((side, kind, found))
                self.witness.bases[family, name].add(old)
                self._edit(side, kind, found, {name})

        self.world.fate.meanwhile = (nth, act)
        report = self._attempt(lambda c: c.sync(notes="all"))
        if edited and report is not None:
            self._excuse_race(report.run_id, *edited[0])

    @rule(edits=EDITS, place=st.sampled_from(BOUNDARIES), nth=st.integers(1, 9))
    def crash(self, place, nth, edits=()):
        self.is_disturbed = True
        self._edit_many(edits)
        self.world.fate.arm(place, nth)
        self._attempt(lambda c: c.sync(notes="all"))

    @precondition(lambda self: self._undoable() is not None)
    @rule()
    def undo_the_last_run(self):
        run_id = self._undoable()
        self.witness.saw_undo(run_id)
        self._attempt(lambda c: c.undo(run_id))

    @precondition(lambda self: self.world.store.list_conflicts())
    @rule(pick=PICK, choice=st.sampled_from(["highlevel", "timetonic", "value"]))
    def resolve(self, pick, choice):
        conflicts = self.world.store.list_conflicts()
        self._resolve(conflicts[pick % len(conflicts)], choice)

    @invariant()
    def nothing_is_doubled_or_made_up(self):
        self.world.clock.advance(1.0)
        self.witness.check_no_invention()
        self.witness.check_nobody_vanished()
        self.witness.note_agreement(is_settled=False)
        assert _ids_are_unique(self.world.store.links())

    # -- the end ----------------------------------------------------------------------------

    def settle(self):
        """Everything heals; then hightonic brings it to rest and the witness is heard."""
        self._recover()
        self._part_the_emails()
        for _ in range(2):
            self.world.clock.advance(120.0)
            self._attempt(lambda c: c.retry())
            report = self._attempt(lambda c: c.sync(full=True, notes="all"))
        self._be_heard(with_conflicts=True)
        self._stay_quiet(report)
        for number, entry in enumerate(self.world.store.list_conflicts()):
            self._resolve(entry, ("highlevel", "timetonic")[number % 2])
        self._be_heard(with_conflicts=False)

    def _recover(self):
        self.world.heal()
        self.is_disturbed = False
        for _ in range(2):
            self.world.clock.advance(400.0)
            self._attempt(lambda c: c.sync(full=True, notes="all"))

    def _be_heard(self, *, with_conflicts):
        witness = self.witness
        witness.check_no_doubles()
        witness.check_no_invention()
        witness.check_nobody_vanished()
        witness.check_nothing_lost()
        witness.check_converged(with_conflicts=with_conflicts)
        witness.check_everyone_is_explained()
        witness.check_deletions_travelled()
        assert not self.world.store.list_pending()

    def _stay_quiet(self, report):
        assert report.writes_sent == 0, f"the last sync still writes: {report}"
        before, memory = self.world.writes(), self._memory()
        for hours in (1, 25):
            self.world.clock.advance(3600.0 * hours)
            quiet = self._attempt(lambda c: c.sync())
            assert quiet.writes_sent == 0
        assert self.world.writes() == before, "a quiet run wrote"
        assert self._memory() == memory, "a quiet run changed what is remembered"

    def _part_the_emails(self):
        """Whoever shares an e-mail gets one of his own; else HighLevel keeps refusing it."""
        rows = self.world.shown(Side.TIMETONIC, Kind.CONTACT)
        for row_id in sorted(self.renamed & rows.keys()):
            mine = self.witness.family((Side.TIMETONIC, Kind.CONTACT, row_id))
            others = {
                shown.values["email"]
                for place, shown in self.witness.records()
                if place[1] is Kind.CONTACT and self.witness.family(place) != mine
            }
            if rows[row_id].values["email"] in others - {None}:
                self._edit(Side.TIMETONIC, Kind.CONTACT, row_id, {"email"})

    # -- how --------------------------------------------------------------------------------

    def _sync(self, *, is_full, all_notes):
        """A sync; where nothing disturbs it, its outcome is known beforehand."""
        expected = self.witness.expect(with_notes=all_notes)
        notes = "all" if all_notes else "due"
        dirty = set(self.witness.dirty)
        report = self._attempt(lambda c: c.sync(full=is_full, notes=notes))
        if report is None or self.is_disturbed or report.failures:
            return False
        self.witness.check_expected(expected)
        self._check_cause(report, dirty)
        self.witness.note_agreement(is_settled=True)
        return not report.ambiguous

    def _check_cause(self, report, dirty):
        """I13: nothing is written without a cause, and nothing twice."""
        seen = set()
        for operation, family in self.witness.written(report.run_id):
            side = getattr(operation, "side", None)
            if side is None:
                continue
            assert (operation.link_id, side) not in seen, f"{family} was written twice"
            seen.add((operation.link_id, side))
            is_count = isinstance(operation, Update) and operation.after.keys() <= RIDERS
            assert is_count or family in dirty, f"{family} was written without a cause"

    def _attempt(self, act):
        """What the act answers; None where it died or gave up with one clear sentence."""
        before = self.world.shown(Side.HIGHLEVEL, Kind.CONTACT)
        try:
            return self.world.run(act)
        except (DecisionNeededError, UseError):
            raise
        except HightonicError:
            assert self.is_disturbed, "a healthy run failed"
            return None
        finally:
            self.witness.take_links()
            if self.world.is_behind:
                self._excuse_blind(before)

    def _create(self, side, kind, family, values, parent=None):
        found = self.world.hands[side].add(kind, values, parent)
        self.witness.saw_birth((side, kind, found), family, values)
        return found

    def _edit(self, side, kind, record_id, names):
        """New texts for the named fields; tags get one more, a tick is turned."""
        shown = self.world.shown(side, kind)[record_id].values
        family = self.witness.family((side, kind, record_id))
        values = {}
        for name in sorted(names):
            values[name] = self.witness.value_for(family, name)
            if name == "tags":
                values[name] = (*shown["tags"], values[name])
            if name == "is_completed":
                values[name] = not shown[name]
        self._put(side, kind, record_id, values)

    def _edit_many(self, edits):
        for side, kind, pick, choice in edits:
            self.edit(side=side, kind=kind, pick=pick, fields=[choice])

    def _put(self, side, kind, record_id, values):
        before = self.world.shown(side, kind)[record_id]
        self.witness.saw_edit((side, kind, record_id), before, values)
        self.world.hands[side].edit(kind, record_id, values)

    def _find(self, side, kind, pick):
        found = sorted(self.world.shown(side, kind))
        return found[pick % len(found)] if found else None

    def _contact_values(self, family, is_blank):
        value = self.witness.value_for
        return {
            "name": value(family, "name"),
            "email": None if is_blank else value(family, "email"),
            "source": None if is_blank else value(family, "source"),
            "tags": () if is_blank else (value(family, "tags"),),
        }

    def _resolve(self, entry, choice):
        """A person chooses; the choice is void where a value has changed since."""
        conflict = entry.conflict
        ids = {
            Side.HIGHLEVEL: conflict.highlevel_id,
            Side.TIMETONIC: conflict.timetonic_id,
        }
        family = self.witness.family((Side.HIGHLEVEL, conflict.kind, conflict.highlevel_id))
        values = {"highlevel": conflict.highlevel, "timetonic": conflict.timetonic}
        chosen = values.get(choice, self.witness.value_for(family, conflict.field))
        now = self._now(conflict, ids)
        is_kept = self.world.store.get_link(conflict.link_id).state is LinkState.LIVE
        is_current = now == [conflict.highlevel, conflict.timetonic]
        if is_current:
            dropped = {each for each in values.values() if each is not None}
            self.witness.saw_choice(family, conflict.field, dropped=dropped, chosen=chosen)
        report = self._attempt(lambda c: c.resolve(entry.id, choice, value=chosen))
        if (
            is_current
            and is_kept
            and report is not None
            and not (self.is_disturbed or report.failures)
        ):
            assert self._now(conflict, ids) == [chosen, chosen], "the choice was not written"

    def _undoable(self):
        for each in self.world.store.list_runs(limit=3):
            if any(True for _ in self.witness.written(each.id)):
                return each.id
        return None

    def _now(self, conflict, ids):
        shown = [self.world.shown(side, conflict.kind).get(ids[side]) for side in Side]
        return [each and each.values[conflict.field] for each in shown]

    def _excuse_blind(self, before):
        """What search did not show yet was overwritten unseen; only a read each would help."""
        newest = self.world.store.list_runs(limit=1)
        written = [each for run in newest for each, _ in self.witness.written(run.id)]
        written += [each.operation for each in self.world.store.list_pending()]
        for operation in written:
            if not isinstance(operation, Update) or operation.id not in before:
                continue
            for name, value in before[operation.id].values.items():
                if operation.before.get(name, value) != value:
                    family = self.witness.family((Side.HIGHLEVEL, Kind.CONTACT, operation.id))
                    self.witness.excuse(family, name)

    def _excuse_race(self, run_id, side, kind, record_id, name):
        for operation, family in self.witness.written(run_id):
            is_same = isinstance(operation, Update) and operation.id == record_id
            if is_same and operation.side is side and name in operation.after:
                self.witness.excuse(family, name)

    def _memory(self):
        store = self.world.store
        return (store.links(), len(store.list_journal()), store.list_pending())


def _ids_are_unique(links):
    active = [each for each in links if each.state in (LinkState.LIVE, LinkState.PARKED)]
    ids = [
        (each.kind, side, each.id_on(side))
        for each in active
        for side in Side
        if each.id_on(side)
    ]
    return len(ids) == len(set(ids))


SyncMachine.TestCase.settings = settings(
    max_examples=EXAMPLES[PROFILE], stateful_step_count=STEPS[PROFILE]
)
TestSyncMachine = pytest.mark.slow(SyncMachine.TestCase)
