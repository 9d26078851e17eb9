"""What the bulk editor's tray and Python say to each other: staged, errors, plan, history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from notebooks.widgets.ticker import Ticker
from notebooks.widgets.tray_words import (
    draw_batch,
    draw_cells,
    draw_extras,
    draw_kept,
    draw_lines,
    draw_plan,
)
from toolkit.app.bulk import BatchReport, BatchState, RevertReport, recipe_to_json
from toolkit.errors import HightonicError, UseError
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from notebooks.widgets.bulk_work import BulkWork
    from toolkit.app.bulk import Batch, BatchPlan, ItemLine

_LISTED: Final = 300
_BATCHES: Final = 50

Work = Callable[[Ticker], Awaitable[None]]


class TrayTalk(Talk):
    """Lists what is staged, plans and applies it, and keeps the batches that were applied.

    Args:
        work: The bench.
    """

    slow = frozenset({"staged", "errors", "history", "lines", "recipe", "drop_all"})

    def __init__(self, work: BulkWork) -> None:
        self._work = work
        self._titles = {each.field: each.title for each in work.grid.columns}
        super().__init__()
        bus = work.session.bus
        self._leave = [bus.listen("staged", self._counted), bus.listen("batch", self._pass_on)]

    def answers(self) -> Mapping[str, Answerer]:
        """What the tray's page asks."""
        return {
            "open": lambda _: Answer(
                {"kind": "opened", "verb": self._work.verb, **self._counts()}
            ),
            "staged": self._staged,
            "errors": self._errors,
            "drop": self._drop,
            "drop_extra": self._drop_extra,
            "drop_all": self._drop_all,
            "drop_errors": self._drop_errors,
            "plan": self._plan,
            "apply": self._apply,
            "act": self._act,
            "stop": self._stop,
            "history": self._history,
            "lines": self._lines,
            "recipe": self._recipe,
            "forget": self._forget,
        }

    def close(self) -> None:
        """Listen no longer; a batch that is applied goes on, and stands in the history."""
        for leave in self._leave:
            leave()

    # -- what is staged -----------------------------------------------------------------

    def _staged(self, _: Message) -> Answer:
        cells = [each for each in self._work.staging.cells() if not each.problem]
        names = self._work.names_of(each.id for each in cells[:_LISTED])
        return Answer(
            {
                "kind": "staged",
                "cells": draw_cells(cells[:_LISTED], names, self._titles),
                "cells_total": len(cells),
                "extras": draw_extras(self._work.extras),
                **self._counts(),
            }
        )

    def _errors(self, _: Message) -> Answer:
        cells = [each for each in self._work.staging.cells() if each.problem]
        names = self._work.names_of(each.id for each in cells[:_LISTED])
        return Answer(
            {
                "kind": "errors",
                "cells": draw_cells(cells[:_LISTED], names, self._titles),
                "cells_total": len(cells),
                **self._counts(),
            }
        )

    def _drop(self, message: Message) -> Answer:
        self._work.staging.drop([(LinkId(message["id"]), str(message["field"]))])
        self._work.tell_staged()
        return Answer({"kind": "dropped", **self._counts()})

    def _drop_extra(self, message: Message) -> Answer:
        self._work.drop_extra(int(message["number"]))
        return Answer({"kind": "dropped", **self._counts()})

    def _drop_all(self, _: Message) -> Answer:
        self._work.drop_all()
        return Answer({"kind": "dropped", **self._counts()})

    def _drop_errors(self, _: Message) -> Answer:
        bad = [each for each in self._work.staging.cells() if each.problem]
        self._work.staging.drop([(each.id, each.field) for each in bad])
        self._work.tell_staged()
        return Answer({"kind": "dropped", **self._counts()})

    def _counts(self) -> dict[str, Any]:
        return {"count": self._work.changes, "problems": self._work.staging.problems}

    def _pass_on(self, *, kind: str, content: Mapping[str, Any], **_facts: object) -> None:
        self.push(kind, **content)

    def _tell_all(self, kind: str, **content: object) -> None:
        """To every tray on this bench: the cell may have been run again meanwhile."""
        self._work.session.bus.tell("batch", kind=kind, content=content)

    def _counted(self, **_facts: object) -> None:
        self.push("counts", **self._counts())

    # -- the batch ----------------------------------------------------------------------

    def _plan(self, _: Message) -> Answer:
        if self._work.offer().is_empty:
            return Answer({"kind": "plan", "plan": None})

        def tell(plan: BatchPlan) -> None:
            self.push("plan", plan=self._draw_plan(plan))

        self.when_done(self._work.session.start(self._work.plan()), tell, kind="plan_refused")
        return Answer({"kind": "planning"})

    def _apply(self, message: Message) -> Answer:
        approve = message.get("approve")

        async def apply(ticker: Ticker) -> None:
            batch = await self._work.draft()
            try:
                report = await self._work.desk.apply(batch.id, approve=approve, progress=ticker)
            finally:
                # What was sent in part is a batch of its own from here on, whatever ended it.
                after = await self._work.desk.get(batch.id)
                if after.state is not BatchState.STAGED:
                    self._work.hand_on(batch.id)
            self._ended(report)

        return self._begin("apply", apply)

    def _act(self, message: Message) -> Answer:
        verb, batch_id = str(message["verb"]), str(message["batch"])
        desk, approve = self._work.desk, message.get("approve")

        async def act(ticker: Ticker) -> None:
            match verb:
                case "resume":
                    self._ended(await desk.apply(batch_id, approve=approve, progress=ticker))
                case "retry":
                    report = await desk.retry_failed(batch_id, approve=approve, progress=ticker)
                    self._ended(report)
                case "revert":
                    self._reverted(await desk.revert(batch_id, progress=ticker))
                case _:
                    raise UseError("There is no such act on a batch")

        return self._begin(verb, act)

    def _stop(self, _: Message) -> Answer:
        self._work.desk.stop()
        return Answer({"kind": "stopping"})

    def _begin(self, verb: str, work: Work) -> Answer:
        if self._work.verb:
            raise UseError(
                "A batch is being worked on",
                unchanged="Nothing was changed",
                remedy="Wait for it, or stop it",
            )
        self._work.verb = verb

        async def run() -> None:
            try:
                await work(Ticker(self._tell_all))
            except HightonicError as error:
                self._tell_all("failed", sentence=error.sentence)
            finally:
                self._work.verb = ""
                await asyncio.to_thread(self._rest)

        self._tell_all("working", verb=verb)
        self.when_done(self._work.session.start(run()), lambda _: None, kind="failed")
        return Answer({"kind": "working", "verb": verb})

    def _rest(self) -> None:
        self._work.session.bus.tell("changed")
        self._tell_all("idle", **self._counts())

    def _ended(self, report: BatchReport) -> None:
        self._tell_all(
            "ended",
            batch=draw_batch(report.batch),
            left=self._draw_left(report.left),
            left_total=len(report.left),
            brakes=list(report.brakes),
            approval=report.approval,
        )

    def _reverted(self, report: RevertReport) -> None:
        names = self._work.names_of(each.contact for each in report.kept[:_LISTED])
        self._tell_all(
            "reverted",
            batch=draw_batch(report.batch),
            undone=report.undone,
            kept=draw_kept(report.kept[:_LISTED], names, self._titles),
            kept_total=len(report.kept),
        )

    # -- the past -----------------------------------------------------------------------

    def _history(self, _: Message) -> Answer:
        async def read() -> list[Batch]:
            return await self._work.desk.history(_BATCHES)

        batches = self._work.session.start(read()).result()
        return Answer({"kind": "history", "batches": [draw_batch(each) for each in batches]})

    def _lines(self, message: Message) -> Answer:
        desk, batch_id = self._work.desk, str(message["batch"])
        lines = self._work.session.start(desk.lines(batch_id)).result()
        left = [each for each in lines if each.state.value != "done"]
        return Answer(
            {
                "kind": "lines",
                "batch": batch_id,
                "left": self._draw_left(left),
                "left_total": len(left),
                "total": len(lines),
            }
        )

    def _recipe(self, message: Message) -> Answer:
        desk, batch_id = self._work.desk, str(message["batch"])
        recipe = self._work.session.start(desk.recipe(batch_id)).result()
        return Answer(
            {"kind": "recipe", "name": f"{recipe.id}.json"}, recipe_to_json(recipe).encode()
        )

    def _forget(self, message: Message) -> Answer:
        self._work.session.start(self._work.desk.drop(str(message["batch"]))).result()
        return self._history(message)

    def _draw_left(self, lines: list[ItemLine] | tuple[ItemLine, ...]) -> list[dict[str, Any]]:
        shown = lines[:_LISTED]
        contacts = [each.item.contact for each in shown if each.item.contact is not None]
        return draw_lines(shown, self._work.names_of(contacts), self._titles)

    def _draw_plan(self, plan: BatchPlan) -> dict[str, Any]:
        return draw_plan(plan, left=self._draw_left(plan.left))
