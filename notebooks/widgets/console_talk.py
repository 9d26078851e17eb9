"""The sync console's Python half: plan, run, stop, decide, look back, take back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from notebooks.widgets.console_words import (
    conflict_groups,
    log_line,
    plan_shown,
    report_shown,
    run_line,
)
from notebooks.widgets.dashboard_talk import DARK
from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from notebooks.widgets.ticker import Ticker
from toolkit.app.connection import Decision
from toolkit.app.picture import plain, sheet
from toolkit.app.picture.dashboard import draw_runs, span
from toolkit.errors import HightonicError, UseError

if TYPE_CHECKING:
    from notebooks.session import Session
    from toolkit.app.connection import Connection
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan

T = TypeVar("T")
_LINES: Final = 200
_RUNS: Final = 40
_CHOICES: Final = frozenset({"highlevel", "timetonic", "value"})


class ConsoleTalk(Talk):
    """Answers the console's page; at most one piece of work runs at a time.

    Args:
        session: Of the connection.
    """

    slow = frozenset({"conflicts", "log", "runs", "state"})

    def __init__(self, session: Session) -> None:
        self._session = session
        self._working: Future[Any] | None = None
        self._leave = session.bus.listen("changed", lambda **_: self.warm())
        super().__init__()

    def answers(self) -> Mapping[str, Answerer]:
        """What the console's page asks."""
        return {
            "open": self._open,
            "state": lambda _: self._state(),
            "preview": self._preview,
            "run": self._run,
            "retry": lambda _: self._carry("retry", self._desk.retry(progress=self._ticker())),
            "undo": self._undo,
            "stop": lambda _: self._stop(),
            "pause": lambda _: self._switch(is_paused=True),
            "resume": lambda _: self._switch(is_paused=False),
            "settle": self._settle,
            "conflicts": lambda _: self._conflicts(),
            "log": self._log,
            "runs": lambda _: self._runs(),
        }

    def warm(self) -> None:
        """Say how things stand; the page is there already."""
        for read in (self._state, self._conflicts, self._runs):
            try:
                self.push(**read().content)
            except HightonicError as error:
                self.push("refused", sentence=error.sentence)
                return

    def close(self) -> None:
        """Hear of no further change; a run under way goes on to its end."""
        self._leave()

    @property
    def _desk(self) -> FrontDesk:
        return self._session.desk

    def _open(self, _: Message) -> Answer:
        """What the page needs before there are figures; a run may be under way already."""
        return Answer(
            {
                "kind": "opened",
                "connection": self._session.name,
                "sheet": sheet(dark=DARK),
                "is_working": self._is_working,
            }
        )

    def _state(self) -> Answer:
        status = self._asked(lambda it: it.overview(1)).status
        return Answer(
            {
                "kind": "state",
                "is_paused": status.is_paused,
                "obstacle": "" if status.leave.is_granted else status.leave.sentence,
                "equal": span(status.lag_s),
                "waiting": status.waiting,
                "conflicts": status.conflicts,
                "every_minutes": status.every_minutes,
            }
        )

    def _preview(self, message: Message) -> Answer:
        full = message.get("full") is True
        return self._begin(
            "preview", self._desk.preview(full=full, progress=self._ticker()), self._planned
        )

    def _run(self, message: Message) -> Answer:
        approve = message.get("approve")
        running = self._desk.sync(
            full=message.get("full") is True,
            approve=None if approve is None else str(approve),
            progress=self._ticker(),
            on_plan=self._planned,
        )
        return self._carry("sync", running)

    def _undo(self, message: Message) -> Answer:
        run = str(message["run"])
        return self._carry("undo", self._desk.undo(run, progress=self._ticker()))

    def _settle(self, message: Message) -> Answer:
        """One choice for each field that was picked; nothing is stored unless all fit."""
        picked = [
            Decision(str(each["id"]), _choice(each["choice"]), each.get("value"))
            for each in message["choices"]
        ]
        if not picked:
            raise UseError("Nothing is picked yet", unchanged="Nothing was changed")
        return self._carry("resolve", self._desk.resolve(picked))

    def _stop(self) -> Answer:
        if self._is_working:
            self._desk.request_stop()
        return Answer({"kind": "stopping", "is_working": self._is_working})

    def _switch(self, *, is_paused: bool) -> Answer:
        work = self._desk.pause() if is_paused else self._desk.resume()
        self._session.wait(work)
        return self._state()

    def _conflicts(self) -> Answer:
        groups, total = self._asked(conflict_groups)
        return Answer({"kind": "conflicts", "groups": groups, "total": total})

    def _log(self, message: Message) -> Answer:
        def read(connection: Connection) -> list[dict[str, Any]]:
            names = connection.contact_names()
            found = connection.log(
                run=str(message.get("run") or "") or None,
                record=str(message.get("record") or "") or None,
                failed_only=message.get("failed_only") is True,
                limit=_LINES + 1,
            )
            return [log_line(each, names) for each in found]

        lines = self._asked(read)
        has_more = len(lines) > _LINES
        return Answer({"kind": "log", "lines": lines[:_LINES], "has_more": has_more})

    def _runs(self) -> Answer:
        def read(connection: Connection) -> tuple[list[dict[str, Any]], list[Any]]:
            runs = connection.runs(_RUNS)
            lines = [run_line(each, connection.counts(each.id)) for each in runs]
            return lines, plain(draw_runs(runs))

        lines, tree = self._asked(read)
        return Answer({"kind": "runs", "lines": lines, "tree": tree})

    def _carry(self, verb: str, work: Coroutine[Any, Any, RunReport]) -> Answer:
        return self._begin(verb, work, self._reported)

    def _begin(
        self, verb: str, work: Coroutine[Any, Any, T], tell: Callable[[T], None]
    ) -> Answer:
        if self._is_working:
            work.close()
            raise UseError(
                "Something is under way already",
                unchanged="Nothing new was begun",
                remedy="Wait for its end, or stop it",
            )
        working = self._working = self._session.start(work)
        self.when_done(working, tell)
        return Answer({"kind": "begun", "verb": verb})

    def _planned(self, plan: Plan) -> None:
        self.push("plan", plan=plan_shown(plan))

    def _reported(self, report: RunReport) -> None:
        self.push("report", report=report_shown(report))
        self._session.bus.tell("changed")

    def _ticker(self) -> Ticker:
        return Ticker(self.push)

    def _asked(self, question: Callable[[Connection], T]) -> T:
        return self._session.wait(self._desk.ask(question))

    @property
    def _is_working(self) -> bool:
        return self._working is not None and not self._working.done()


def _choice(typed: object) -> Any:  # noqa: ANN401 — a Literal, checked here
    if typed not in _CHOICES:
        raise UseError("A conflict is settled by one side's value or by another one")
    return typed
