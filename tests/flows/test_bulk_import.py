"""Files of people: matched to contacts, told row by row, sent as a batch like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.bulk_office import Bulk
from tests.flows.world import HIGH, TIME, assert_converged
from toolkit.app.bulk import BatchState
from toolkit.app.bulk.importing import ImportDraft, ImportOptions, open_sheet
from toolkit.errors import UseError
from toolkit.model.ids import Kind


def write(folder: Path, *lines: str) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


async def drafted(bulk: Bulk, path: Path, **options: object) -> ImportDraft:
    columns = options.pop("columns", None)
    return await bulk.desk.build(
        lambda book: book.importer.draft(
            open_sheet(path),
            columns=columns,  # type: ignore[arg-type]
            options=ImportOptions(**options),  # type: ignore[arg-type]
        )
    )


async def test_rows_are_matched_by_id_e_mail_or_phone_and_the_rest_is_listed_with_its_line(
    bulk: Bulk, tmp_path: Path
) -> None:
    one, two, three, four = bulk.people(4)
    known = bulk.world.contact_id(two)
    phone = bulk.shown(three, "phone")[0]
    path = write(
        tmp_path,
        "Contact ID,E-mail,Phone,Lead source,Tags,Notes of mine",
        f",{one.upper()},,fair,new,x",
        f"{known},,,fair,,x",
        f",,{phone or ''},fair,,x" if phone else f",{three},,fair,,x",
        f"{known},{four},,fair,,x",
        ",nobody@example.org,,fair,,x",
        f",{one},,other,,x",
        ",nope,,fair,,x",
        "nonsense,,,fair,,x",
        "",
        f",{four},,=cmd|' /C calc'!A0,,x",
        f",{four},,fair,,x,too,many",
    )

    draft = await drafted(bulk, path)

    assert [each.field for each in draft.columns] == [
        "$highlevel_id", "email", "phone", "source", "tags", None,
    ]  # fmt: skip
    assert [(n.line, n.state.value, n.heading) for n in draft.notes] == [
        (5, "ambiguous", ""),
        (6, "nobody", ""),
        (7, "refused", ""),
        (8, "refused", "E-mail"),
        (8, "nobody", ""),
        (9, "nobody", ""),
        (11, "flagged", "Lead source"),
        (12, "refused", ""),
    ]
    assert draft.counts["rows"] == 10
    assert draft.counts["changed"] == 4
    assert "example.org" not in str(draft.notes)
    batch = await bulk.desk.stage(draft.steps(), name=path.name)
    assert bulk.world.writes() == 0
    report = await bulk.desk.apply(batch.id)

    assert report.batch.state is BatchState.DONE, report
    for email in (one, two, three):
        assert bulk.shown(email, "source") == ["fair"] * 2
    assert bulk.shown(four, "source") == ["=cmd|' /C calc'!A0"] * 2
    assert all("new" in tags for tags in bulk.shown(one, "tags"))
    assert (await drafted(bulk, path)).counts["cells"] == 0
    await bulk.world.settle(0)
    assert_converged(bulk.world)


async def test_people_nobody_knows_are_made_once_where_that_is_asked_for(
    bulk: Bulk, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "Full name;Email;Source",
        "Ada Okafor;ada@example.org;fair",
        "Ada Again;ADA@example.org;fair",
        "Bad Mail;nope;fair",
        ";;fair",
        "Only Name;;fair",
    )
    draft = await drafted(bulk, path, creates=True)

    assert draft.counts["new"] == 2
    assert [(n.line, n.state.value) for n in draft.notes] == [
        (3, "refused"),
        (4, "refused"),
        (4, "refused"),
        (5, "refused"),
    ]
    batch = await bulk.desk.stage(draft.steps())
    plan = await bulk.desk.plan(batch.id)
    assert plan.to_do == 2
    report = await bulk.desk.apply(batch.id)

    assert report.batch.state is BatchState.DONE, report
    await bulk.desk.apply(batch.id)
    for side in (HIGH, TIME):
        people = bulk.world.by_identity(side, Kind.CONTACT)
        assert people["ada@example.org"]["source"] == "fair"
        assert "Only Name" in people
    await bulk.world.settle()
    assert_converged(bulk.world)


async def test_blank_cells_leave_fields_alone_unless_they_shall_clear(
    bulk: Bulk, tmp_path: Path
) -> None:
    email = next(e for e in bulk.people(9) if bulk.shown(e, "plan")[0])
    path = write(tmp_path, "email,plan", f"{email},")

    assert (await drafted(bulk, path)).counts["cells"] == 0
    (cell,) = (await drafted(bulk, path, clears_blanks=True)).cells
    assert (cell.field, cell.new) == ("plan", None)


async def test_columns_are_chosen_and_wrong_choices_are_told(
    bulk: Bulk, tmp_path: Path
) -> None:
    path = write(tmp_path, "email,email,total tasks,x", "a@example.org,b@example.org,3,fair")
    draft = await drafted(bulk, path, columns={"x": "source"})

    assert draft.sheet.headings == ("email", "email (2)", "total tasks", "x")
    assert draft.sheet.repeated == ("email",)
    assert [each.field for each in draft.columns] == ["email", None, None, "source"]
    for wrong in ({"x": "total_tasks"}, {"x": "nonsense"}, {"x": "email", "email": "email"}):
        with pytest.raises(UseError):
            await drafted(bulk, path, columns=wrong)
    with pytest.raises(UseError, match="No column"):
        await drafted(bulk, write(tmp_path, "q,w", "1,2"))


async def test_phone_of_somebody_with_another_e_mail_is_no_match(
    bulk: Bulk, tmp_path: Path
) -> None:
    email = next(e for e in bulk.people(9) if bulk.shown(e, "phone")[0])
    phone = bulk.shown(email, "phone")[0]
    path = write(
        tmp_path,
        "email,phone,source",
        f"other@example.org,{phone},fair",
        f",{phone},fair",
    )

    draft = await drafted(bulk, path, creates=True)

    assert [(n.line, n.state.value) for n in draft.notes] == [(2, "ambiguous")]
    assert (draft.counts["changed"], draft.counts["new"]) == (1, 0)
    only = await drafted(bulk, path, match=("phone",))
    assert {each.field for each in only.cells} == {"email", "source"}
