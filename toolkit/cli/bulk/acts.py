"""Batches from the command line: each act opens the connection, does one thing, tells it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import typer

from toolkit.app.bulk import (
    BatchDesk,
    BatchReport,
    BatchState,
    ConnectionHands,
    Recipe,
    RevertReport,
    read_recipe,
)
from toolkit.app.bulk.importing import ImportDraft, ImportOptions, open_sheet
from toolkit.app.bulk.importing.people import MATCH_KEYS, MatchKey
from toolkit.app.bulk.recipe import new_batch_id
from toolkit.cli.bulk.render import (
    batches_json,
    plan_json,
    render_batches,
    render_plan,
    render_report,
    render_revert,
    report_json,
    revert_json,
)
from toolkit.cli.ending import DECIDE
from toolkit.cli.voice import say, say_json
from toolkit.cli.work import Worked, look, work
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.bulk import Batch, BatchPlan
    from toolkit.app.connection import Connection
    from toolkit.cli.place import Place
    from toolkit.cli.progress import Progress

T = TypeVar("T")

_LARGEST_BYTES: Final = 200_000_000


@dataclass(frozen=True, slots=True)
class FileOptions:
    """A file and how it is taken.

    Attributes:
        match: Keys that tell contacts, parted by commas.
        columns: `HEADING=FIELD` each.
        is_again: A recipe that was carried out before is carried out as another one.
    """

    path: Path
    creates: bool = False
    match: str = "id,email,phone"
    columns: tuple[str, ...] = ()
    clears_blanks: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a file.

    Attributes:
        plan: Where it was only shown.
        report: Where it was carried out.
        draft: Where it was no recipe.
    """

    plan: BatchPlan | None = None
    report: BatchReport | None = None
    draft: ImportDraft | None = None


def list_batches(place: Place) -> None:
    """Show batches, the newest first."""
    found = look(place, lambda connection: connection.batches.list_batches())
    if place.as_json:
        say_json({"batches": batches_json(found)})
    else:
        say(render_batches(found))


def recipe_of(place: Place, batch_id: str) -> Recipe:
    """The recipe of a batch."""
    return look(place, lambda connection: connection.batches.recipe(batch_id))


def act_on(
    place: Place, act: str, batch_id: str, *, approve: str | None, with_values: bool
) -> None:
    """Resume, retry or revert a batch."""
    if act == "revert":
        reverted = _work(place, lambda desk, progress: desk.revert(batch_id, progress=progress))
        _end_revert(place, reverted)
        return

    async def carry(desk: BatchDesk, progress: Progress) -> BatchReport:
        do = desk.retry_failed if act == "retry" else desk.apply
        return await do(batch_id, approve=approve, progress=progress)

    done = _work(place, carry)
    _end_report(place, Worked(Tried(report=done.value), done.stopped_by), with_values)


def try_file(
    place: Place,
    options: FileOptions,
    *,
    is_applied: bool,
    approve: str | None,
    with_values: bool,
) -> None:
    """Show what a file comes to, or do it."""

    async def use(desk: BatchDesk, progress: Progress) -> Tried:
        recipe, draft = await _read(desk, options, progress)
        if recipe is None:
            return Tried(draft=draft)
        known = {each.id for each in await desk.history(None)}
        batch = await desk.stage_recipe(recipe)
        if is_applied:
            report = await desk.apply(batch.id, approve=approve, progress=progress)
            return Tried(report=report, draft=draft)
        return Tried(plan=await _plan(desk, batch, is_known=batch.id in known), draft=draft)

    tried = _work(place, use, is_writing=is_applied)
    if tried.value.report is not None:
        _end_report(place, tried, with_values)
    else:
        _end_plan(place, tried.value, with_values=with_values)


async def _plan(desk: BatchDesk, batch: Batch, *, is_known: bool) -> BatchPlan:
    """The plan; a batch that was kept for its sake alone is forgotten again."""
    try:
        return await desk.plan(batch.id)
    finally:
        if not is_known:
            await desk.drop(batch.id)


async def _read(
    desk: BatchDesk, options: FileOptions, progress: Progress
) -> tuple[Recipe | None, ImportDraft | None]:
    """The file as a recipe; None where there is nothing in it to do."""
    path = options.path
    if not path.is_file():
        raise UseError(f"There is no file {path}", unchanged="Nothing was changed")
    if path.suffix.lower() == ".json":
        return await _read_recipe(desk, options), None
    draft = await desk.build(
        lambda book: book.importer.draft(
            open_sheet(
                path,
                encoding=options.encoding,
                delimiter=options.delimiter,
                sheet=options.sheet,
            ),
            columns=_columns(options.columns),
            options=ImportOptions(
                _match_keys(options.match),
                creates=options.creates,
                clears_blanks=options.clears_blanks,
            ),
            progress=progress,
        )
    )
    steps = draft.steps()
    if not steps:
        return None, draft
    is_one = not options.is_again
    recipe = await desk.build(
        lambda book: book.stager.recipe(steps, name=path.name, is_one=is_one)
    )
    return recipe, draft


async def _read_recipe(desk: BatchDesk, options: FileOptions) -> Recipe:
    if options.path.stat().st_size > _LARGEST_BYTES:
        raise UseError("The recipe is too large", unchanged="Nothing was changed")
    recipe = read_recipe(options.path.read_bytes())
    if options.is_again:
        now = await desk.build(lambda book: book.now())
        recipe = recipe.model_copy(update={"id": new_batch_id(now), "made_at": now})
    return await desk.build(lambda book: book.stager.checked(recipe))


def _columns(given: tuple[str, ...]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for each in given:
        heading, sign, name = each.rpartition("=")
        if not sign or not heading.strip():
            raise UseError(
                "A column is given as HEADING=FIELD",
                unchanged="Nothing was read",
                remedy="--column 'Lead source=source', or 'Remarks=' to leave it out",
            )
        found[heading.strip()] = name.strip() or None
    return found


def _match_keys(given: str) -> tuple[MatchKey, ...]:
    wanted = [each.strip().lower() for each in given.split(",") if each.strip()]
    known: dict[str, MatchKey] = {each: each for each in MATCH_KEYS}
    if not wanted or not set(wanted) <= known.keys():
        raise UseError(
            "Contacts are matched by id, email or phone",
            unchanged="Nothing was read",
            remedy="--match email,phone",
        )
    return tuple(known[each] for each in wanted)


def _work(
    place: Place,
    use: Callable[[BatchDesk, Progress], Awaitable[T]],
    *,
    is_writing: bool = True,
) -> Worked[T]:
    async def at_desk(connection: Connection, progress: Progress) -> T:
        return await use(BatchDesk(ConnectionHands(connection)), progress)

    return work(place, at_desk, is_writing=is_writing)


def _end_plan(place: Place, tried: Tried, *, with_values: bool) -> None:
    if place.as_json:
        say_json(plan_json(tried.plan, tried.draft, with_values=with_values))
    else:
        say(render_plan(tried.plan, tried.draft, with_values=with_values))
    if tried.plan is not None and tried.plan.approval:
        raise typer.Exit(DECIDE)


def _end_report(place: Place, tried: Worked[Tried], with_values: bool) -> None:  # noqa: FBT001 — of this module alone
    report = tried.value.report
    assert report is not None  # noqa: S101 — whoever ends so has one
    if place.as_json:
        say_json(report_json(report, tried.value.draft, with_values=with_values))
    else:
        say(render_report(report, tried.value.draft, with_values=with_values))
    if code := _code_of(report, tried.stopped_by):
        raise typer.Exit(code)


def _end_revert(place: Place, reverted: Worked[RevertReport]) -> None:
    if place.as_json:
        say_json(revert_json(reverted.value))
    else:
        say(render_revert(reverted.value))
    if reverted.stopped_by is not None:
        raise typer.Exit(128 + reverted.stopped_by)


def _code_of(report: BatchReport, stopped_by: int | None) -> int:
    if stopped_by is not None:
        return 128 + stopped_by
    if report.approval:
        return DECIDE
    return 0 if report.batch.state in {BatchState.DONE, BatchState.REVERTED} else 1
