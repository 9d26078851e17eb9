"""Effects folded together, one by one, before they become operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from toolkit.model.automation import (
    ArchiveContact,
    DeleteRecord,
    EditTags,
    Effect,
    Firing,
    NewRecord,
    Send,
    SetFields,
)
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Delete, Finding, Operation, Update
from toolkit.model.values import Value
from toolkit.planner.births import archive_row, birth_id, build_birth, own_row_id, plan_own_row
from toolkit.planner.draft import Draft, Edit
from toolkit.planner.fields import SIDES, is_blank, is_same
from toolkit.planner.pairs import update_refusal
from toolkit.planner.scene import Pair, Scene

_STANDING = frozenset({LinkState.LIVE, LinkState.HALF, LinkState.PARKED})
_NOT_LIVE = {
    LinkState.HALF: "it is being created and not confirmed yet",
    LinkState.UNLINKED: "it is kept apart from the other side",
    LinkState.PARKED: "it rests: see `hightonic conflicts`",
    LinkState.DELETED: "it was deleted",
}


@dataclass(slots=True)
class _Wanted:
    """One field of one pair: what each side will show, and who asked."""

    now: dict[Side, Value]
    causes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class EffectDesk:
    """Effects in, operations out; keeps what earlier effects made of each field."""

    scene: Scene
    known: frozenset[LinkId]
    own_kinds: Collection[Kind]
    archive_tag: str
    pairs: dict[LinkId, Pair] = field(default_factory=dict)
    wanted: dict[LinkId, dict[str, _Wanted]] = field(default_factory=lambda: defaultdict(dict))
    births: dict[LinkId, Create] = field(default_factory=dict)
    deletes: dict[tuple[LinkId, Side], Delete] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    archived: set[LinkId | None] = field(init=False)
    """Contacts that stand in the archive, or will."""

    def __post_init__(self) -> None:
        rows = (each for each in self.scene.links.values() if each.kind is Kind.ARCHIVE)
        self.archived = {each.parent for each in rows if each.state in _STANDING}

    def take(self, firing: Firing, effect: Effect) -> None:
        """Fold one effect in."""
        match effect:
            case SetFields():
                self._set(firing, effect)
            case EditTags():
                self._edit_tags(firing, effect)
            case NewRecord():
                self._bear(firing, effect)
            case DeleteRecord():
                self._delete(firing, effect)
            case ArchiveContact():
                self._archive(firing, effect)
            case Send():
                pass

    def operations(self) -> list[Operation]:
        """All that was asked for; what is deleted is not changed first."""
        leaving = {link_id for link_id, _ in self.deletes}
        updates = (each for each in self._updates() if each.link_id not in leaving)
        return [*self.births.values(), *updates, *self.deletes.values()]

    def _updates(self) -> Iterator[Update]:
        """One update for each side of a pair that shows something else."""
        draft = Draft()
        causes: dict[tuple[LinkId, Side], set[str]] = defaultdict(set)
        for link_id, fields in self.wanted.items():
            pair = self.pairs[link_id]
            for name, wanted in sorted(fields.items()):
                for side in SIDES:
                    before, after = pair.on(side).now(name), wanted.now[side]
                    if is_same(before, after):
                        continue
                    edit = Edit(before, after, pair.on(side.other).now(name))
                    draft.write(pair, side, name=name, edit=edit)
                    causes[link_id, side] |= wanted.causes
        for update in draft.build_updates(self.scene.fields):
            asked = causes[update.link_id, update.side]
            yield replace(update, causes=tuple(sorted(asked)))

    def _set(self, firing: Firing, effect: SetFields) -> None:
        pair = self._live_pair(firing, effect.link_id, effect.kind)
        if pair is None:
            return
        for name, value in sorted(effect.values.items()):
            wanted = self._open(firing, pair, name)
            if wanted is None:
                continue
            sides = self._sides_for(firing, pair, name, value)
            if all(is_same(wanted.now[side], value) for side in sides):
                continue
            if self._is_unsettled(pair, name, value):
                self._find(firing, pair, "people's edits of it are not settled yet", name)
                continue
            wanted.now |= dict.fromkeys(sides, value)
            wanted.causes.add(firing.id)

    def _edit_tags(self, firing: Firing, effect: EditTags) -> None:
        pair = self._live_pair(firing, effect.link_id, Kind.CONTACT)
        if pair is None:
            return
        wanted = self._open(firing, pair, effect.field)
        if wanted is None:
            return
        for side in self._sides_for(firing, pair, effect.field, effect.add or None):
            tags = _edited(wanted.now[side], effect)
            if not is_same(tags, wanted.now[side]):
                wanted.now[side] = tags
                wanted.causes.add(firing.id)

    def _bear(self, firing: Firing, effect: NewRecord) -> None:
        name = birth_id(self.scene.policy.scope, firing, effect)
        # Made before, or its create is still without an answer: recovery looks first.
        if name in self.known or name in self.scene.links or name in self.births:
            return
        if not self._has_place(firing, effect):
            return
        fields = self.scene.fields.get(effect.kind)
        made: Create | str = f"{effect.kind}s are not synced"
        if fields is not None:
            made = build_birth(self.scene.policy, fields, firing, effect)
        if isinstance(made, Create):
            self.births[name] = made
        else:
            self._find(firing, effect.parent or name, made, kind=effect.kind)

    def _has_place(self, firing: Firing, effect: NewRecord) -> bool:
        """Whether the contact it hangs on is there; a contact hangs on none."""
        if effect.parent is not None and effect.kind is not Kind.CONTACT:
            return self._live_pair(firing, effect.parent, Kind.CONTACT) is not None
        if effect.parent is None and effect.kind is Kind.CONTACT:
            return True
        where = "on a contact" if effect.parent is None else "on nothing"
        name = birth_id(self.scene.policy.scope, firing, effect)
        self._find(firing, name, f"a {effect.kind} hangs {where}", kind=effect.kind)
        return False

    def _delete(self, firing: Firing, effect: DeleteRecord) -> None:
        pair = self._live_pair(firing, effect.link_id, effect.kind)
        if pair is None:
            return
        fields = self.scene.fields[effect.kind]
        for side in SIDES:
            view = pair.on(side)
            self.deletes[effect.link_id, side] = Delete(
                link_id=effect.link_id,
                kind=effect.kind,
                side=side,
                id=view.id,
                mode="delete",
                before=view.values(),
                expected=fields.shown_digest(view.values()),
                parent_id=view.parent_id,
                causes=(firing.id,),
            )

    def _archive(self, firing: Firing, effect: ArchiveContact) -> None:
        link = self.scene.links.get(effect.link_id)
        if self._live_pair(firing, effect.link_id, Kind.CONTACT) is None or link is None:
            return
        self._edit_tags(firing, EditTags(effect.link_id, add=(self.archive_tag,)))
        if Kind.ARCHIVE not in self.own_kinds:
            reason = "the book has no archive table; the contact is tagged only"
            self._find(firing, effect.link_id, reason)
            return
        scope, row = self.scene.policy.scope, archive_row(firing, effect, link)
        name = own_row_id(scope, row)
        if name in self.scene.links or link.id in self.archived:
            return
        made = plan_own_row(scope, row, None, causes=(firing.id,))
        if isinstance(made, Create):
            self.births[name] = made
            self.archived.add(link.id)

    def _live_pair(self, firing: Firing, link_id: LinkId, kind: Kind) -> Pair | None:
        link = self.scene.links.get(link_id)
        if link is None or link.kind is not kind or not kind.is_paired:
            self._find(firing, link_id, f"there is no such {kind}", kind=kind)
            return None
        if kind not in self.scene.fields:
            self._find(firing, link_id, f"{kind}s are not synced", kind=kind)
            return None
        if link.state is not LinkState.LIVE:
            self._find(firing, link_id, _NOT_LIVE[link.state], kind=kind)
            return None
        if link_id not in self.pairs:
            self.pairs[link_id] = self.scene.pair(link)
        return self.pairs[link_id]

    def _open(self, firing: Firing, pair: Pair, name: str) -> _Wanted | None:
        """The field as earlier effects left it; None where rules have no business there."""
        if name not in self.scene.fields[pair.kind].compared:
            self._find(firing, pair, "it is not a field that can be set", name)
            return None
        if any(pair.on(side).is_unreadable(name) for side in SIDES):
            self._find(firing, pair, "what stands there cannot be read", name)
            return None
        now = {side: pair.on(side).now(name) for side in SIDES}
        return self.wanted[pair.link_id].setdefault(name, _Wanted(now))

    def _sides_for(
        self, firing: Firing, pair: Pair, name: str, value: Value
    ) -> tuple[Side, ...]:
        """The sides that may be given the value; none where a vendor would refuse it."""
        fields = self.scene.fields[pair.kind]
        sides = tuple(side for side in SIDES if fields.may_write(name, side))
        if not sides:
            self._find(firing, pair, "neither side may be written", name)
        for side in sides:
            policy = fields.policy.fields[name]
            refusal = update_refusal(self.scene, pair, field=policy, side=side, value=value)
            if refusal and not is_same(pair.on(side).now(name), value):
                self._find(firing, pair, refusal, name)
                return ()
        return sides

    def _is_unsettled(self, pair: Pair, name: str, value: Value) -> bool:
        """Whether a person's edit waits there: a rule does not decide a conflict.

        A side that shows what is wanted contradicts nothing: an earlier try ended half-way.
        """
        writable = self.scene.fields[pair.kind].writable[name]
        views = [pair.on(side) for side in SIDES if side.other in writable]
        return any(v.is_changed(name) and not is_same(v.now(name), value) for v in views)

    def _find(
        self,
        firing: Firing,
        who: Pair | LinkId,
        reason: str,
        name: str = "",
        *,
        kind: Kind = Kind.CONTACT,
    ) -> None:
        link_id = who.link_id if isinstance(who, Pair) else who
        link = self.scene.links.get(link_id)
        side = Side.HIGHLEVEL if link is not None and link.highlevel_id else Side.TIMETONIC
        record_id = (link and link.id_on(side)) or RecordId("")
        found = who.kind if isinstance(who, Pair) else kind
        said = f"Rule `{firing.rule}` left it alone: {reason}"
        self.findings.append(Finding(found, side, record_id, said, name))


def _edited(now: Value, effect: EditTags) -> Value:
    """The tags with some added and some removed; what others put there stays."""
    shown = now if isinstance(now, tuple) else () if is_blank(now) else (str(now),)
    removed = {_plain(each) for each in effect.remove}
    kept = [each for each in shown if _plain(each) not in removed]
    standing = {_plain(each) for each in kept}
    added = {_plain(each) for each in effect.add} - standing - {""}
    return tuple(sorted({*kept, *added})) or None


def _plain(tag: str) -> str:
    """As HighLevel keeps tags, and so as the mapping spells them."""
    return " ".join(tag.lower().split())
