"""What the automation builder's page and Python say to each other; the draft is kept here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar

from notebooks.widgets.mapping_words import sentence
from notebooks.widgets.talk import Answer, Message, Talk
from toolkit.app.rule_builder import RulesDraft
from toolkit.app.rule_builder.words import (
    actions,
    conditions,
    expanded,
    recipe_cards,
    rule_fields,
    tests,
    triggers,
)
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from notebooks.widgets.talk import Answerer
    from toolkit.app.rule_builder import OpenedRules, RuleBuilder, RuleProblem, Touched

Start = Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]


class AutomationTalk(Talk):
    """Answers the page of one automation builder.

    Args:
        builder: Of the connection.
        start: Begins work on the session's loop.
        name: Of the connection.
        saved: Called once the settings file was written.
    """

    slow: ClassVar[frozenset[str]] = frozenset({"preview", "save", "back"})

    def __init__(
        self,
        builder: RuleBuilder,
        *,
        start: Start,
        name: str,
        saved: Callable[[], None] = lambda: None,
    ) -> None:
        self._builder = builder
        self._start = start
        self._name = name
        self._saved = saved
        self._lock = RLock()
        self._opened: OpenedRules | None = None
        self._draft = RulesDraft()
        super().__init__()

    def answers(self) -> Mapping[str, Answerer]:
        """Kind -> what answers it."""
        return {
            "open": lambda _: self._open(),
            "put": self._put,
            "expand": self._expand,
            "preview": self._preview,
            "save": lambda _: self._save(),
            "back": lambda _: self._back(),
            "reload": lambda _: self._afresh("The rules are as the file has them."),
            "refresh": lambda _: self._refresh(),
            "poll": lambda _: self._poll(),
        }

    @property
    def draft(self) -> RulesDraft:
        """As it would be saved."""
        return self._draft

    def _look(self) -> OpenedRules:
        with self._lock:
            if self._opened is None:
                self._opened = self._builder.open()
                self._draft = self._opened.draft
            return self._opened

    def _open(self) -> Answer:
        opened = self._look()
        config = opened.config
        return Answer(
            {
                "kind": "opened",
                "connection": self._name,
                "triggers": [asdict(each) for each in triggers()],
                "conditions": [asdict(each) for each in conditions(config.automation)],
                "actions": [
                    asdict(each)
                    for each in actions(config.automation, sorted(config.addresses))
                ],
                "tests": tests(),
                "fields": rule_fields(config.automation),
                "cards": recipe_cards(),
                **self._state(),
            }
        )

    def _refresh(self) -> Answer:
        """The same after somebody else saved, such as the mapping editor; a draft is kept.

        Where the page drafts rules, they stay: only where nothing was drafted the file counts.
        """
        with self._lock:
            if self._opened is not None and self._draft == self._opened.draft:
                self._opened = None
        return self._open()

    def _put(self, message: Message) -> Answer:
        """What the page has drawn."""
        self._look()
        draft = RulesDraft(rules=message["rules"], recipes=message["recipes"])
        with self._lock:
            self._draft = draft
        return Answer({"kind": "put", **self._judged()})

    def _expand(self, message: Message) -> Answer:
        """A recipe as rules of one's own."""
        name = str(message["name"])
        return Answer({"kind": "expanded", "rules": expanded(name, message.get("given"))})

    def _state(self) -> dict[str, Any]:
        opened = self._look()
        return {
            "rules": self._draft.rules,
            "recipes": self._draft.recipes,
            "parked": {name: list(chain) for name, chain in opened.parked.items()},
            "fired": dict(opened.fired),
            **self._judged(),
        }

    def _judged(self) -> dict[str, Any]:
        opened, draft = self._look(), self._draft
        is_changed = draft != opened.draft
        checked = self._builder.check(opened, draft) if is_changed else None
        problem = checked.problem if checked else None
        return {
            "problem": _problem(problem),
            "consequence": self._builder.consequence(opened, checked) if checked else "",
            "changed": is_changed,
            "can_save": is_changed and problem is None,
        }

    def _preview(self, message: Message) -> Answer:
        name = str(message["name"])
        work = self._builder.preview(self._look(), self._draft, name)
        touched: Touched = self._start(work).result()
        return Answer(
            {
                "kind": "previewed",
                "name": name,
                "contacts": touched.contacts,
                "listed": [list(each) for each in touched.listed],
                "writes": sorted(touched.writes.items()),
                "problems": sorted(touched.problems.items()),
                "held": list(touched.held),
            }
        )

    def _poll(self) -> Answer:
        """Whether somebody changed the rules; what else the file says is none of its business.

        Where nothing was drafted, there is nothing to lose: the page follows the file.
        """
        told = {"kind": "polled", "has_changed": False, "is_news": False}
        opened = self._look()
        try:
            if not self._builder.has_changed(opened):
                return Answer(told)
            now = self._builder.open()
        except HightonicError:
            # What stands there now cannot be read: loading it will say why.
            return Answer({**told, "has_changed": True})
        with self._lock:
            is_same, is_drafted = now.draft == opened.draft, self._draft != opened.draft
            if is_drafted and not is_same:
                return Answer({**told, "has_changed": True})
            self._opened = now
            if not is_drafted:
                self._draft = now.draft
        return Answer({**told, "is_news": not is_same})

    def _save(self) -> Answer:
        file = self._builder.save(self._look(), self._draft)
        return self._afresh(
            f"Saved in {file.path.name}. The next run works by these rules; a service that "
            "runs learns of them when it is started anew."
        )

    def _back(self) -> Answer:
        file = self._builder.take_back()
        return self._afresh(f"{file.path.name} is as it was before the last save.")

    def _afresh(self, sentence: str) -> Answer:
        with self._lock:
            self._opened = None
            self._look()
        self._saved()
        return Answer({"kind": "state", "said": sentence, **self._state()})


def _problem(problem: RuleProblem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    return {**asdict(problem), "said": sentence(problem.message, problem.remedy)}
