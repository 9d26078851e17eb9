"""What the mapping editor's page and Python say to each other; the draft is kept here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from notebooks.widgets.mapping_words import (
    CHOICES,
    KINDS,
    describe_fields,
    describe_lines,
    describe_plan,
    describe_problem,
    describe_trial,
    examples_of,
    misfits_of,
    tabs_of,
)
from notebooks.widgets.talk import Answer, Message, Talk
from toolkit.errors import HightonicError, UseError
from toolkit.model.ids import Kind

if TYPE_CHECKING:
    from concurrent.futures import Future

    from notebooks.widgets.talk import Answerer
    from toolkit.app.mapping_desk import (
        Checked,
        KindDraft,
        Likely,
        MappingDesk,
        MappingDraft,
        Opened,
        Sample,
    )
    from toolkit.app.mapping_desk.planning import ChangePlan

T = TypeVar("T")
Start = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]
_STEPS: Final = 200
_ONE_WAY: Final = frozenset({"constant", "template", "function", "rollup"})


class MappingTalk(Talk):
    """Answers the page of one mapping editor.

    Args:
        desk: Of the connection.
        start: Begins work on the session's loop.
        saved: Called once the settings file was written.
        name: Of the connection.
    """

    slow: ClassVar[frozenset[str]] = frozenset(
        {"open", "poll", "reload", "samples", "trial", "suggest", "save", "back"}
    )

    def __init__(
        self,
        desk: MappingDesk,
        *,
        start: Start,
        name: str,
        saved: Callable[[], None] = lambda: None,
    ) -> None:
        self._desk = desk
        self._start = start
        self._name = name
        self._saved = saved
        self._lock = RLock()
        self._opened: Opened | None = None
        self._draft: MappingDraft | None = None
        self._past: list[MappingDraft] = []
        self._future: list[MappingDraft] = []
        self._kind = Kind.CONTACT
        self._samples: dict[Kind, Sequence[Sample]] = {}
        self._likely: Sequence[Likely] = ()
        self._checked: Checked | None = None
        self._planning: Future[ChangePlan] | None = None
        super().__init__()

    def answers(self) -> Mapping[str, Answerer]:
        """Kind -> what answers it."""
        return {
            "open": lambda _: self._open(),
            "reload": self._reload,
            "kind": self._show_kind,
            "connect": self._connect,
            "remove": self._remove,
            "change": self._change,
            "match": self._match,
            "enable": self._enable,
            "table": self._table,
            "compute": self._compute,
            "accept": self._accept,
            "undo": lambda _: self._step(self._past, self._future),
            "redo": lambda _: self._step(self._future, self._past),
            "samples": lambda _: self._read_samples(),
            "trial": self._trial,
            "suggest": lambda _: self._suggest(),
            "plan": lambda _: self._plan(),
            "stop": lambda _: self._stop(),
            "save": lambda _: self._save(),
            "back": lambda _: self._back(),
            "poll": lambda _: self._poll(),
        }

    @property
    def draft(self) -> MappingDraft:
        """As it would be saved."""
        self._look()
        assert self._draft is not None  # noqa: S101 — `_look` opened it
        return self._draft

    def close(self) -> None:
        """Stop what is being planned."""
        self._stop()

    # -- opening

    def _open(self) -> Answer:
        self._look()
        return self._view(kind="opened", connection=self._name, choices=CHOICES)

    def _look(self) -> Opened:
        with self._lock:
            if self._opened is None:
                opened = self._wait(self._desk.open())
                self._opened, self._draft = opened, opened.draft
            return self._opened

    def _reload(self, message: Message) -> Answer:
        """The file and the fields anew; the draft is kept only where nothing moved below it."""
        opened = self._wait(self._desk.open(is_fresh=bool(message.get("fresh"))))
        with self._lock:
            is_same = self._opened is not None and opened.draft == self._opened.draft
            self._opened, self._checked = opened, None
            self._samples, self._likely = {}, ()
            if not is_same:
                self._draft, self._past, self._future = opened.draft, [], []
        return self._view(is_reloaded=not is_same)

    def _show_kind(self, message: Message) -> Answer:
        self._kind, self._likely = Kind(message["name"]), ()
        return self._view()

    # -- drawing

    def _connect(self, message: Message) -> Answer:
        return self._put(self._joined(self._own(), message["highlevel"], message["timetonic"]))

    def _joined(self, draft: KindDraft, highlevel: str, timetonic: str) -> KindDraft:
        return self._desk.connect(
            self._look(),
            draft,
            kind=self._kind,
            highlevel=str(highlevel),
            timetonic=str(timetonic),
        )

    def _accept(self, message: Message) -> Answer:
        own = self._own()
        for highlevel, timetonic in message["pairs"]:
            own = self._joined(own, highlevel, timetonic)
        pairs = {tuple(each) for each in message["pairs"]}
        self._likely = [x for x in self._likely if (x.highlevel, x.timetonic) not in pairs]
        return self._put(own)

    def _remove(self, message: Message) -> Answer:
        name = self._named(message)
        own = self._own()
        lines = {each: entry for each, entry in own.lines.items() if each != name}
        match_by = [each for each in own.match_by if each != name]
        return self._put(own.model_copy(update={"lines": lines, "match_by": match_by}))

    def _change(self, message: Message) -> Answer:
        name, key, value = self._named(message), str(message["key"]), message.get("value")
        entry = dict(self._own().lines[name])
        entry.pop(key, None)
        if value not in (None, "", False):
            entry[key] = value
        if key == "type":
            entry = _retyped(entry)
        return self._put_line(name, entry)

    def _compute(self, message: Message) -> Answer:
        """A field of one side made of others."""
        side, target = str(message["side"]), str(message["field"])
        name = str(message.get("name") or _plain_name(target))
        number, free = 1, name
        while free in self._own().lines:
            number += 1
            free = f"{name}_{number}"
        entry = {
            "type": "template",
            side: target,
            "direction": f"to_{side}",
            "on_conflict": "newest",
            "template": str(message["template"]),
        }
        return self._put_line(free, entry, is_new=True)

    def _match(self, message: Message) -> Answer:
        name, own = self._named(message), self._own()
        left = [each for each in own.match_by if each != name]
        match_by = [*left, name] if message["on"] else left
        return self._put(own.model_copy(update={"match_by": match_by}))

    def _enable(self, message: Message) -> Answer:
        return self._put(self._own().model_copy(update={"enabled": bool(message["on"])}))

    def _table(self, message: Message) -> Answer:
        return self._put(self._own().model_copy(update={"table": str(message["name"])}))

    def _put_line(self, name: str, entry: dict[str, Any], *, is_new: bool = False) -> Answer:
        own = self._own()
        lines = {**own.lines, name: entry}
        return self._put(
            own.model_copy(update={"lines": lines}), selected=name if is_new else None
        )

    def _put(self, own: KindDraft, *, selected: str | None = None) -> Answer:
        with self._lock:
            before = self.draft
            after = before.model_copy(update={"kinds": {**before.kinds, self._kind: own}})
            if after != before:
                self._past = [*self._past[-_STEPS:], before]
                self._future = []
            self._draft, self._checked = after, None
        return self._view(selected=selected)

    def _step(self, back: list[MappingDraft], forth: list[MappingDraft]) -> Answer:
        with self._lock:
            if back:
                forth.append(self.draft)
                self._draft, self._checked = back.pop(), None
        return self._view()

    def _own(self) -> KindDraft:
        return self.draft.kinds[self._kind]

    def _named(self, message: Message) -> str:
        name = str(message["field"])
        if name not in self._own().lines:
            raise UseError("This line is no longer there", unchanged="Nothing was changed")
        return name

    # -- looking

    def _view(self, kind: str = "view", **more: object) -> Answer:
        own = self._own()
        with self._lock:
            opened = self._opened = self._desk.with_table(self._look(), self._kind, own.table)
        checked, fields = self._check(), opened.fields[self._kind]
        return Answer(
            {
                "kind": kind,
                "of": self._kind.value,
                "title": KINDS[self._kind],
                "tabs": tabs_of(opened, self.draft, checked),
                "enabled": own.enabled,
                "table": own.table,
                "tables": list(opened.table_names),
                "match_by": own.match_by,
                "fields": describe_fields(fields),
                "misfits": misfits_of(fields),
                "lines": describe_lines(self._kind, own, opened.draft, checked),
                "problems": [
                    describe_problem(each) for each in checked.problems if not each.field
                ],
                "missing": list(checked.missing.get(self._kind, ())),
                "changes": list(checked.changes),
                "can_save": checked.can_save,
                "consequence": self._desk.consequence(opened, checked),
                "can_undo": bool(self._past),
                "can_redo": bool(self._future),
                "likely": [
                    [x.highlevel, x.timetonic, round(x.score, 2), list(x.reasons)]
                    for x in self._likely
                ],
                **more,
            }
        )

    def _check(self) -> Checked:
        with self._lock:
            if self._checked is None:
                self._checked = self._desk.check(self._look(), self.draft)
            return self._checked

    def _stored(self) -> Sequence[Sample]:
        found = self._samples.get(self._kind)
        if found is None:
            found = self._wait(self._desk.samples(self._look(), self._kind))
            self._samples[self._kind] = found
        return found

    def _read_samples(self) -> Answer:
        """Values of every field, read now; where nobody answers, those of the last sync stay."""
        kind, sentence = self._kind, ""
        stored = self._stored()
        try:
            stored = self._wait(self._desk.read_samples(self._look(), kind, stored))
        except HightonicError as error:
            sentence = (
                f"Samples are those of the last sync. {error.sentence} Where fields were made, "
                "renamed or removed today: Changes ▸ Read fields again."
            )
        self._samples[kind] = stored
        return Answer(
            {"kind": "sampled", "of": kind.value, "sentence": sentence} | self._shown()
        )

    def _shown(self) -> dict[str, Any]:
        samples = self._stored()
        return {
            "examples": examples_of(samples),
            "records": len(samples),
            "fresh": sum(each.is_fresh for each in samples),
        }

    def _trial(self, message: Message) -> Answer:
        """What the lines make of the samples; rows for one line only."""
        kind, checked = self._kind, self._check()
        if checked.config is None:
            return Answer({"kind": "tried", "of": kind.value, "lines": None} | self._shown())
        trials = self._desk.try_on(
            self._look(), checked.config, kind=kind, samples=self._stored()
        )
        chosen = trials.get(str(message.get("field")))
        return Answer(
            {
                "kind": "tried",
                "of": kind.value,
                "lines": {
                    name: describe_trial(each) for name, each in trials.items() if each.failures
                },
                "rows": None if chosen is None else describe_trial(chosen, is_whole=True),
            }
            | self._shown()
        )

    def _suggest(self) -> Answer:
        found = self._desk.suggest(
            self._look(), self._own(), kind=self._kind, samples=self._stored()
        )
        self._likely = found
        return self._view(suggested=len(found))

    # -- planning and saving

    def _plan(self) -> Answer:
        if self._planning is not None and not self._planning.done():
            raise UseError("A plan is being made already", remedy="Wait for it, or stop it")
        told = -1

        def progress(what: str, done: int, total: int) -> None:
            nonlocal told
            share = done // 100
            if share != told:
                told = share
                self.push("planning", what=what, done=done, total=total)

        self._planning = self._start(
            self._desk.plan_change(self._look(), self.draft, progress=progress)
        )
        self.when_done(
            self._planning, lambda plan: self.push("planned", plan=describe_plan(plan))
        )
        return Answer({"kind": "started"})

    def _stop(self) -> Answer:
        if self._planning is not None:
            self._planning.cancel()
        return Answer({"kind": "stopped"})

    def _save(self) -> Answer:
        before, checked = self._look(), self._check()
        after = self._desk.consequence(before, checked).replace(
            "Once this is saved, the", "The"
        )
        self._desk.save(before, self.draft)
        count = len(checked.changes)
        return self._afresh(
            f"Saved: {count} change{'' if count == 1 else 's'} in {before.file.path.name}. "
            "Nothing was written to HighLevel or TimeTonic; the next sync works under it. "
            + (f"{after}. " if after else "")
            + "A service that runs learns of it when it is started anew."
        )

    def _back(self) -> Answer:
        file = self._desk.take_back()
        return self._afresh(f"{file.path.name} is as it was before the last save.")

    def _afresh(self, sentence: str) -> Answer:
        opened = self._wait(self._desk.open())
        with self._lock:
            self._opened, self._draft, self._checked = opened, opened.draft, None
            self._past, self._future = [], []
            self._samples, self._likely = {}, ()
        self._saved()
        return self._view(said=sentence)

    def _poll(self) -> Answer:
        """Whether somebody changed the mapping; what else the file says is none of its business.

        Where nothing was drawn, there is nothing to lose: the page follows the file.
        """
        told = {"kind": "polled", "has_changed": False, "is_news": False}
        if self._opened is None:
            return Answer(told)
        try:
            if not self._desk.has_changed(self._opened):
                return Answer(told)
            now = self._wait(self._desk.open())
        except HightonicError:
            # What stands there now cannot be read: loading it will say why.
            return Answer({**told, "has_changed": True})
        with self._lock:
            is_same, is_drawn = (
                now.draft == self._opened.draft,
                self._draft != self._opened.draft,
            )
            if is_drawn and not is_same:
                return Answer({**told, "has_changed": True})
            self._opened, self._checked = now, None
            if not is_drawn:
                self._draft, self._past, self._future = now.draft, [], []
        return Answer({**told, "is_news": not is_same})

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        found: T = self._start(work).result()
        return found


def _retyped(entry: dict[str, Any]) -> dict[str, Any]:
    """What belonged to the former type goes; a new one gets what it cannot do without."""
    kept = {key: entry[key] for key in CHOICES["kept"] if key in entry}
    if kept["type"] in {"choice", "multi_choice"}:
        kept["open"] = True
    is_set = kept["type"] in {"multi_choice", "tags"}
    if is_set:
        kept["on_conflict"] = "union"
    elif kept.get("on_conflict") in {"union", "max", "min", "longest"}:
        kept["on_conflict"] = "newest"
    return kept


def _plain_name(field: str) -> str:
    words = "".join(
        each if each.isalnum() and each.isascii() else " " for each in field.lower()
    )
    name = "_".join(words.removeprefix("custom ").split())
    return name if name.isidentifier() else "made_up"
