"""A mapping as an editor works on it: drafted, tried on records, planned, saved with its comments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from tests.flows.world import World
from tests.unit.app.test_live import REPORT
from toolkit.app import live
from toolkit.app.config_source import write_text
from toolkit.app.mapping_desk import KindDraft, MappingDesk, MappingDraft, Opened, planning
from toolkit.app.mapping_desk import samples as sampling
from toolkit.app.mapping_desk.connecting import connect, warning_of
from toolkit.app.mapping_desk.trying import shown
from toolkit.app.rehearsal_report import write_report
from toolkit.app.runs import Runner
from toolkit.app.settings_file import BACKUPS, list_backups
from toolkit.errors import PlanChangedError, UseError
from toolkit.mapping.defaults import default_mapping
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Update
from toolkit.model.records import FieldProblem

COMMENTS = (
    "# mail decides, phones are shared",
    "# never guessed",
    "# the city stands somewhere else",
)
MAPPING = """\
    mapping:
      contact:
        # mail decides, phones are shared
        match_by: [email]
        without: [plan]
        fields:
          email: {on_conflict: ask}  # never guessed
          job_title: {type: text, highlevel: custom.job_title, timetonic: City}
          # the city stands somewhere else
"""


def settings(world: World, mapping: str = MAPPING, rules: str = "") -> str:
    """The world's settings as a person writes them."""
    ready = world.sandbox.ready_line()
    high, time = ready["highlevel"], ready["timetonic"]
    return f"""\
version: 1
connections:
  main:
    highlevel: {{location_id: {high["location_id"]}, base_url: "{high["base_url"]}"}}
    timetonic:
      user: {time["user"]}
      book_owner: {time["book_owner"]}
      book_code: {time["book_code"]}
      url: "{time["url"]}"
    metrics: {{enabled: false}}
{mapping}{rules}"""


@pytest_asyncio.fixture
async def desk(world: World) -> AsyncIterator[MappingDesk]:
    write_text(world.home / "hightonic.yaml", settings(world))
    async with world.open() as connection:
        yield MappingDesk(connection._parts)


@pytest_asyncio.fixture
async def opened(desk: MappingDesk) -> Opened:
    return await desk.open()


def changed(
    opened: Opened, kind: Kind = Kind.CONTACT, **lines: dict[str, object] | None
) -> MappingDraft:
    """The draft with keys of these lines changed; None takes a line away."""
    own = opened.draft.kinds[kind]
    after = dict(own.lines)
    for name, keys in lines.items():
        if keys is None:
            del after[name]
        else:
            after[name] = {**after.get(name, {}), **keys}
    return with_kind(opened.draft, kind, own.model_copy(update={"lines": after}))


def with_kind(draft: MappingDraft, kind: Kind, own: KindDraft) -> MappingDraft:
    return draft.model_copy(update={"kinds": {**draft.kinds, kind: own}})


async def saved(desk: MappingDesk, opened: Opened, draft: MappingDraft) -> str:
    desk.save(opened, draft)
    again = await desk.open()
    assert again.draft == draft
    return again.file.text


async def test_both_systems_fields_are_known_without_a_call(
    world: World, opened: Opened
) -> None:
    world.sandbox.recorder.clear()
    fields = opened.fields[Kind.CONTACT]
    email, revenue = (
        fields.find(Side.HIGHLEVEL, "email"),
        fields.find(Side.HIGHLEVEL, "custom.annual_revenue"),
    )
    column = fields.find(Side.TIMETONIC, "Last contacted")

    assert email
    assert revenue
    assert column
    assert (email.type, revenue.type, column.type) == ("email", "number", "date")
    assert (revenue.title, revenue.access) == ("Annual revenue", "both")
    added = fields.find(Side.HIGHLEVEL, "dateAdded")
    assert added
    assert added.access == "read"
    assert fields.find(Side.HIGHLEVEL, "custom.hightonic_key") is None
    assert fields.find(Side.TIMETONIC, "Hightonic key") is None
    assert world.sandbox.recorder.count() == 0


async def test_nothing_drawn_is_nothing_to_save(desk: MappingDesk, opened: Opened) -> None:
    before = opened.file.text
    checked = desk.check(opened, opened.draft)

    assert (checked.changes, checked.can_save, checked.problems) == ((), False, ())
    assert desk.save(opened, opened.draft).text == before
    assert (await desk.open()).file.text == before


@pytest.mark.parametrize(
    ("change", "written", "gone"),
    [
        ({"phone": {"on_conflict": "timetonic"}}, ["on_conflict: timetonic"], []),
        ({"email": {"direction": "to_timetonic"}}, ["on_conflict: ask", "to_timetonic"], []),
        ({"email": {"on_conflict": "newest"}}, ["on_conflict: newest"], ["ask"]),
        ({"job_title": None}, ["email: {on_conflict: ask}"], ["custom.job_title"]),
        ({"source": None}, ["without: [plan, source]"], []),
        ({"lifecycle_stage": {"open": None}}, ["open: false"], []),
        (
            {"town": {"type": "text", "highlevel": "city", "timetonic": "Country"}},
            ["town:", "type: text", "timetonic: Country"],
            ["direction", "newest"],
        ),
        (
            {"plan": {"type": "choice", "highlevel": "custom.plan", "timetonic": "Plan"}},
            [],
            ["without", "plan:"],
        ),
    ],
)
async def test_only_what_changed_is_written_and_comments_stay(
    desk: MappingDesk,
    opened: Opened,
    change: dict[str, dict[str, object] | None],
    written: list[str],
    gone: list[str],
) -> None:
    lines = {
        name: keys
        if keys is None or name in opened.draft.kinds[Kind.CONTACT].lines
        else {"direction": "both", "on_conflict": "newest"}
        | ({"open": True} if name == "plan" else {})
        | keys
        for name, keys in change.items()
    }

    draft = changed(opened, **lines)
    for entry in draft.kinds[Kind.CONTACT].lines.values():
        if "open" in entry and entry["open"] is None:
            del entry["open"]
    text = await saved(desk, opened, draft)

    for each in (*written, *COMMENTS):
        assert each in text
    section = text.partition("mapping:")[2]
    for each in gone:
        assert each not in section


async def test_kind_switched_off_and_on_leaves_the_file_as_it_was(
    desk: MappingDesk, opened: Opened
) -> None:
    own = opened.draft.kinds[Kind.NOTE]
    off = with_kind(opened.draft, Kind.NOTE, own.model_copy(update={"enabled": False}))

    assert "enabled: false" in (await saved(desk, opened, off)).partition("mapping:")[2]
    again = await desk.open()
    back = await saved(desk, again, opened.draft)
    assert "note" not in back.partition("mapping:")[2]


async def test_match_keys_and_table_are_written(desk: MappingDesk, opened: Opened) -> None:
    own = opened.draft.kinds[Kind.CONTACT]
    draft = with_kind(
        opened.draft, Kind.CONTACT, own.model_copy(update={"match_by": ["phone", "email"]})
    )
    checked = desk.check(opened, draft)

    assert checked.changes == ("Contacts: paired by phone, email",)
    assert "match_by: [phone, email]" in await saved(desk, opened, draft)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"phone": {"timetonic": "Email"}}, "phone", "both use `Email` of TimeTonic"),
        ({"phone": {"highlevel": "telephone"}}, "phone", "no contact field `telephone`"),
        ({"phone": {"on_conflict": "union"}}, "phone", "suits type"),
        ({"phone": {"type": "fone"}}, "phone", "has a value it does not take"),
        ({"phone": {"timetonic": None}}, "phone", "default mapping's timetonic of `phone`"),
        ({"updated_at": {"direction": "both"}}, "updated_at", "takes no value for it"),
        (
            {"card": {"type": "template", "timetonic": "Website", "template": "{{ nme }}"}},
            "card",
            "names `nme`",
        ),
    ],
)
async def test_what_the_file_would_refuse_is_told_at_its_line(
    desk: MappingDesk,
    opened: Opened,
    change: dict[str, dict[str, object]],
    field: str,
    said: str,
) -> None:
    own = opened.draft.kinds[Kind.CONTACT]
    ((name, keys),) = change.items()
    entry = {**own.lines.get(name, {"direction": "to_timetonic"}), **keys}
    lines = {**own.lines, name: {k: v for k, v in entry.items() if v is not None}}
    draft = with_kind(opened.draft, Kind.CONTACT, own.model_copy(update={"lines": lines}))
    checked = desk.check(opened, draft)

    (problem,) = [each for each in checked.problems if each.is_refused]
    assert said in problem.message
    assert "hightonic.yaml" not in problem.message
    assert checked.config is None
    if "both use" not in said:
        assert problem.field == field
    with pytest.raises(UseError, match="cannot be saved"):
        desk.save(opened, draft)


async def test_field_that_a_rule_names_is_not_taken_away(
    desk: MappingDesk, world: World
) -> None:
    rules = "    rules:\n      - {name: r, when: contact_created, if: {field: source, is: web}, then: [{add_tags: [x]}]}\n"
    write_text(world.home / "hightonic.yaml", settings(world, rules=rules))
    opened = await desk.open()
    (problem,) = desk.check(opened, changed(opened, source=None)).problems

    assert "`source` is not a mapped field" in problem.message
    assert (problem.kind, problem.field) == (None, "")


async def test_required_and_unmapped_is_counted(desk: MappingDesk, opened: Opened) -> None:
    draft = changed(opened, name=None, email=None, phone=None)
    own = draft.kinds[Kind.CONTACT].model_copy(update={"match_by": []})
    missing = desk.check(opened, with_kind(draft, Kind.CONTACT, own)).missing[Kind.CONTACT]

    assert [each.split(":")[0] for each in missing] == [
        "HighLevel needs a name, an e-mail or a phone for a new contact",
        "No match key is chosen",
    ]
    task = changed(opened, Kind.TASK, title=None)
    assert desk.check(opened, task).missing[Kind.TASK] == (
        "HighLevel needs Title for a new record",
    )


async def test_column_the_book_lacks_is_a_warning_and_can_be_saved(
    desk: MappingDesk, opened: Opened
) -> None:
    checked = desk.check(opened, changed(opened, phone={"timetonic": "Telefon"}))

    told = [each.message for each in checked.problems]
    assert any("has no column `Telefon`" in each for each in told)
    assert any("now stands for another field" in each for each in told)
    assert not any(each.is_refused for each in checked.problems)
    assert checked.can_save


def draw(
    desk: MappingDesk, opened: Opened, highlevel: str, timetonic: str, *, own: KindDraft
) -> KindDraft:
    return desk.connect(
        opened, own, kind=Kind.CONTACT, highlevel=highlevel, timetonic=timetonic
    )


@pytest.mark.parametrize(
    ("highlevel", "timetonic", "name", "entry"),
    [
        ("website", "Website", "website", {"type": "text", "direction": "both"}),
        ("custom.employees", "Website", "website", {"type": "text"}),
        ("dateAdded", "Website", "website", {"direction": "to_timetonic"}),
        ("custom.interests", "Website", "website", {"separator": ", ", "on_conflict": "union"}),
        ("custom.plan", "Plan", "plan", {"type": "choice", "open": True}),
        ("custom.preferred_language", "Plan", "plan", {"type": "choice", "open": True}),
        ("custom.employees", "Total tasks", "total_tasks", {"type": "number"}),
        ("website", "City", "city", {"type": "text"}),
    ],
)
async def test_new_line_gets_a_name_and_a_type_that_suits_both(  # noqa: PLR0917
    desk: MappingDesk,
    opened: Opened,
    highlevel: str,
    timetonic: str,
    name: str,
    entry: dict[str, object],
) -> None:
    own = draw(desk, opened, highlevel, timetonic, own=opened.draft.kinds[Kind.CONTACT])

    line = own.lines[name]
    assert (line["highlevel"], line["timetonic"]) == (highlevel, timetonic)
    assert entry.items() <= line.items()
    held = [each for each in own.lines.values() if each.get("timetonic") == timetonic]
    assert held == [line]
    checked = desk.check(opened, with_kind(opened.draft, Kind.CONTACT, own))
    assert not any(each.is_refused for each in checked.problems)


async def test_halves_of_a_name_on_one_column_become_one_line(
    desk: MappingDesk, opened: Opened
) -> None:
    lines = dict(opened.draft.kinds[Kind.CONTACT].lines)
    del lines["name"]
    own = opened.draft.kinds[Kind.CONTACT].model_copy(update={"lines": lines})

    own = draw(desk, opened, "lastName", "Name", own=own)
    own = draw(desk, opened, "firstName", "Name", own=own)

    assert own.lines["name"]["highlevel"] == ["firstName", "lastName"]
    assert own.lines["name"]["type"] == "name"
    assert own.lines["name"]["on_conflict"] == "ask"


async def test_field_that_is_not_there_is_not_connected(
    desk: MappingDesk, opened: Opened
) -> None:
    with pytest.raises(UseError, match="no longer there"):
        draw(desk, opened, "email", "Nowhere", own=opened.draft.kinds[Kind.CONTACT])


async def test_suggestions_say_why_and_meet_each_field_once(
    desk: MappingDesk, opened: Opened, world: World
) -> None:
    stored = await desk.samples(opened, Kind.CONTACT)
    world.sandbox.recorder.clear()
    samples = await desk.read_samples(opened, Kind.CONTACT, stored)
    own = changed(opened, source=None, job_title=None).kinds[Kind.CONTACT]

    found = desk.suggest(opened, own, kind=Kind.CONTACT, samples=samples)
    pairs = {(each.highlevel, each.timetonic): each for each in found}

    assert {("source", "Source"), ("city", "City"), ("website", "Website")} <= pairs.keys()
    assert len({each.highlevel for each in found}) == len(found)
    why = pairs["source", "Source"]
    assert why.score > 0.9
    assert "same name" in why.reasons
    assert any(each.startswith("same value in") for each in why.reasons)
    assert world.sandbox.recorder.count() == 9
    assert world.writes() == 0


async def test_lines_are_tried_on_records_with_the_failing_ones_first(
    desk: MappingDesk, opened: Opened
) -> None:
    stored = await desk.samples(opened, Kind.CONTACT)
    samples = await desk.read_samples(opened, Kind.CONTACT, stored)
    draft = changed(opened, source={"type": "number"})
    config = desk.check(opened, draft).config
    assert config

    trials = desk.try_on(opened, config, kind=Kind.CONTACT, samples=samples)

    bad, fine = trials["source"], trials["email"]
    assert bad.failures > 0
    assert bad.worst is not None
    assert bad.rows[0] == bad.worst
    assert bad.worst.problem
    assert bad.worst.given
    assert (fine.failures, fine.worst) == (0, None)
    assert fine.rows[0].given == fine.rows[0].result
    owner = trials["owner_id"].rows[0]
    assert owner.given != owner.result


async def test_samples_of_a_kind_that_is_off_are_none(
    desk: MappingDesk, opened: Opened
) -> None:
    own = opened.draft.kinds[Kind.NOTE].model_copy(update={"enabled": False})
    desk.save(opened, with_kind(opened.draft, Kind.NOTE, own))
    again = await desk.open()

    assert await desk.samples(again, Kind.NOTE) == []
    assert await desk.read_samples(again, Kind.NOTE, []) == []
    assert desk.try_on(again, again.config, kind=Kind.NOTE, samples=[]) == {}


async def test_plan_of_a_draft_is_what_the_next_sync_does(
    desk: MappingDesk, opened: Opened, world: World
) -> None:
    draft = changed(
        opened,
        job_title=None,
        town={
            "type": "text",
            "highlevel": "city",
            "timetonic": "City",
            "direction": "to_timetonic",
            "on_conflict": "highlevel",
        },
    )
    seen = desk._parts.store.observed_ids(Side.HIGHLEVEL, Kind.CONTACT)
    told: list[str] = []

    plan = await desk.plan_change(
        opened, draft, progress=lambda what, _done, _total: told.append(what)
    )

    (city,) = [each for each in plan.fields if each.field == "town"]
    assert city.is_changed
    assert city.to[Side.TIMETONIC] > 0
    assert city.to[Side.HIGHLEVEL] == 0
    assert told
    assert world.writes() == 0
    assert desk._parts.store.observed_ids(Side.HIGHLEVEL, Kind.CONTACT) == seen
    with pytest.raises(UseError, match="cannot be saved"):
        await desk.plan_change(opened, changed(opened, phone={"highlevel": "telephone"}))
    desk.save(opened, draft)
    own = replace(desk._parts, config=(await desk.open()).config)
    operations = await Runner(own).preview(full=False, notes="due", progress=None)
    written = [
        op for op in (*operations.operations, *operations.held) if isinstance(op, Update)
    ]
    assert sum("town" in op.after for op in written) == city.to[Side.TIMETONIC]
    assert plan.records == len(written)


async def test_file_changed_meanwhile_is_told_and_not_overwritten(
    desk: MappingDesk, opened: Opened
) -> None:
    path = opened.file.path
    theirs = opened.file.text + "# theirs\n"
    write_text(path, theirs)
    draft = changed(opened, phone={"on_conflict": "timetonic"})

    assert desk.has_changed(opened)
    with pytest.raises(PlanChangedError, match="changed by somebody else"):
        desk.save(opened, draft)
    assert path.read_text("utf-8") == theirs


async def test_last_save_is_taken_back_and_forth(desk: MappingDesk, opened: Opened) -> None:
    with pytest.raises(UseError, match="Nothing was saved over"):
        desk.take_back()
    after = desk.save(opened, changed(opened, phone={"on_conflict": "timetonic"})).text

    assert desk.take_back().text == opened.file.text
    assert opened.file.path.read_text("utf-8") == opened.file.text
    assert desk.take_back().text == after


async def test_twenty_saves_are_kept(desk: MappingDesk, world: World) -> None:
    for number in range(22):
        opened = await desk.open()
        policy = ("timetonic", "newest")[number % 2]
        desk.save(opened, changed(opened, phone={"on_conflict": policy}))
        world.clock.advance(1)

    kept = list_backups(world.home)
    assert len(kept) == 20
    assert all(each.parent == world.home / BACKUPS for each in kept)
    assert all(each.stat().st_mode & 0o077 == 0 for each in kept)


async def test_fields_are_asked_again_where_one_was_made_a_minute_ago(
    desk: MappingDesk, world: World
) -> None:
    world.sandbox.recorder.clear()
    await desk.open(is_fresh=True)

    assert world.sandbox.recorder.count() == 4


@pytest.mark.parametrize(
    ("raw", "text"),
    [(None, ""), (True, "yes"), (["a", None, "b"], "a, b"), ("x" * 200, "x" * 119 + "…")],
)
def test_raw_values_are_shown_as_people_read_them(raw: object, text: str) -> None:
    assert shown(raw) == text


def test_draft_of_the_default_mapping_names_every_kind(tmp_path: Path) -> None:
    from toolkit.app.mapping_desk.draft import draft_of, new_section

    draft = draft_of(default_mapping())
    assert set(draft.kinds) == set(default_mapping().kinds)
    assert new_section({}, before=draft, after=draft) == {}


async def test_notes_are_read_contact_by_contact_or_left_out_and_said(
    desk: MappingDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = changed(opened, Kind.NOTE, body={"on_conflict": "highlevel"})
    whole = await desk.plan_change(opened, draft)
    monkeypatch.setattr(planning, "NOTE_CALLS", 3)
    part = await desk.plan_change(opened, draft)

    assert (whole.records, whole.left_out) == (0, ())
    (said,) = part.left_out
    assert said.startswith("Notes are left out: reading them anew takes a call for each of")


async def test_plan_names_what_would_be_made_and_what_a_sync_does_anyway(
    desk: MappingDesk, opened: Opened, world: World
) -> None:
    world.add_contact("new.here@example.com")
    world.edit_contact(world.contact_id(world.emails()[0]), phone="+33612345678")
    draft = changed(opened, source={"on_conflict": "highlevel"})

    plan = await desk.plan_change(opened, draft)

    assert plan.created == {(Kind.CONTACT, Side.TIMETONIC): 1}
    (phone,) = [each for each in plan.fields if each.field == "phone"]
    assert (phone.is_changed, phone.to[Side.TIMETONIC]) == (False, 1)
    assert plan.calls[Side.TIMETONIC] > 0


@pytest.mark.parametrize(
    ("highlevel", "timetonic", "said"),
    [
        ("custom.contract", "City", "cannot be mapped"),
        ("email", "Attachments", "cannot be mapped"),
        ("dateAdded", "Last contacted", "time of day is not kept"),
        ("source", "Last contacted", "takes days here"),
        ("custom.employees", "City", "HighLevel takes numbers here"),
        ("tags", "Plan", "several values, the other a single one"),
        ("phone", "City", ""),
        ("custom.plan", "Plan", ""),
    ],
)
async def test_ends_that_hardly_go_together_are_warned_of(
    opened: Opened, highlevel: str, timetonic: str, said: str
) -> None:
    fields = opened.fields[Kind.CONTACT]
    one, other = fields.find(Side.HIGHLEVEL, highlevel), fields.find(Side.TIMETONIC, timetonic)
    assert one
    assert other

    warning = warning_of(one, other)

    assert said in warning
    assert bool(said) == bool(warning)


async def test_value_no_sync_could_read_is_told_of_its_record(
    desk: MappingDesk, opened: Opened
) -> None:
    store = desk._parts.store
    link = store.links(Kind.CONTACT)[0]
    assert link.highlevel_id
    seen = store.get_observed(Side.HIGHLEVEL, Kind.CONTACT, link.highlevel_id)
    assert seen
    values = {name: value for name, value in seen.values.items() if name != "source"}
    odd = replace(
        seen,
        values={**values, "owner_id": "who left"},
        problems=(FieldProblem("source", "this is no text"),),
    )
    store.upsert_observed(Side.HIGHLEVEL, Kind.CONTACT, [odd], run="")

    samples = await desk.samples(opened, Kind.CONTACT)
    trials = desk.try_on(opened, opened.config, kind=Kind.CONTACT, samples=samples)

    worst = trials["source"].worst
    assert worst
    assert (worst.problem, worst.given) == ("this is no text", None)
    assert trials["owner_id"].worst is None  # an owner who left is nobody's to show


async def test_new_names_stay_apart(desk: MappingDesk, opened: Opened) -> None:
    fields = opened.fields[Kind.CONTACT]
    column = fields.find(Side.TIMETONIC, "City")
    field = fields.find(Side.HIGHLEVEL, "website")
    assert column
    assert field
    own = opened.draft.kinds[Kind.CONTACT]
    base = default_mapping().kinds[Kind.CONTACT]

    odd = connect(own, field, replace(column, name="会社"), base=base)
    taken = connect(own, field, replace(column, name="E-mail?"), base=base)
    again = connect(
        taken, replace(field, name="city"), replace(column, name="Email!"), base=base
    )

    assert odd.lines["website"]["timetonic"] == "会社"
    assert taken.lines["e_mail"]["timetonic"] == "E-mail?"
    assert again.lines["email_2"]["timetonic"] == "Email!"


async def test_reading_and_writing_alone_is_no_change(desk: MappingDesk, world: World) -> None:
    odd = settings(world, MAPPING).replace("match_by: [email]", "match_by:   [  email  ]")
    write_text(world.home / "hightonic.yaml", odd)
    opened = await desk.open()

    assert desk.check(opened, opened.draft).text == odd


async def test_many_pairs_are_tried_from_all_of_the_list(
    desk: MappingDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await desk.samples(opened, Kind.CONTACT)
    monkeypatch.setattr(sampling, "STORED", 4)
    some = await desk.samples(opened, Kind.CONTACT)

    order = [each.link_id for each in everybody]
    places = [order.index(each.link_id) for each in some]
    assert [each.number for each in some] == [1, 2, 3, 4]
    assert places == sorted(places)
    assert places[-1] >= len(order) // 2


async def test_connection_that_writes_says_what_saving_does_to_it(
    desk: MappingDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = changed(opened, phone={"on_conflict": "timetonic"})
    checked = desk.check(opened, draft)
    assert desk.consequence(opened, checked) == ""
    monkeypatch.setattr(live, "is_sandbox", lambda _: False)
    assert desk.consequence(opened, checked) == ""
    store, meaning = desk._parts.store, live.live_digest(opened.config)
    store.set_live(meaning, store.put_rehearsal(meaning, write_report(REPORT)).id)

    said = desk.consequence(opened, checked)

    assert "only plans, until you run hightonic rehearse and hightonic live on" in said
    assert desk.consequence(opened, desk.check(opened, opened.draft)) == ""
    broken = desk.check(opened, changed(opened, phone={"highlevel": "telephone"}))
    assert desk.consequence(opened, broken) == ""
