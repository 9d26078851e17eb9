"""The client on the emulator, in every variant a profile can answer."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from toolkit.clients.timetonic import (
    CapabilityProfile,
    Doorway,
    LinkedRow,
    ReloadedSesskey,
    TimeTonic,
)
from toolkit.errors import (
    CredentialsError,
    ForbiddenError,
    NotFoundError,
    QuotaExhaustedError,
    RejectedError,
)
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.seed import make_world
from toolkit.sandbox.timetonic import build_timetonic

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORLD = make_world(seed=3, contacts=4, tasks=0, notes=0, leads=25, shared=2, now=NOW)


@asynccontextmanager
async def connected(variant=None, *, profile=None, emulator=None, **options):
    emulator = emulator or build_timetonic(
        WORLD, clock=EmulatorClock(wall=lambda: NOW), variant=variant
    )
    given = emulator.credentials
    settings = {
        "user": given["user"],
        "url": f"http://emulator.test{given['path']}",
        "book_owner": given["book_owner"],
        "book_code": given["book_code"],
        "transport": httpx.ASGITransport(emulator.app),
        "profile": profile or CapabilityProfile(),
    } | options
    async with TimeTonic(settings.pop("sesskey", given["sesskey"]), **settings) as client:
        client.emulator = emulator
        yield client


CODECS = [
    ({}, {}),
    ({"date_codec": "iso_date"}, {"date_codec": "iso_date"}),
    (
        {"date_codec": "formatted", "date_format": "DD/MM/YYYY"},
        {"date_codec": "formatted"},
    ),
    ({"datetime_codec": "iso_datetime"}, {"datetime_codec": "iso_datetime"}),
    (
        {"datetime_codec": "formatted", "date_format": "DD/MM/YYYY"},
        {"datetime_codec": "formatted"},
    ),
    ({"number": "string"}, {"number_codec": "string"}),
    ({"number": "decimal_comma"}, {"number_codec": "decimal_comma"}),
    ({"boolean": "bool"}, {"boolean_codec": "bool"}),
    ({"boolean": "int"}, {"boolean_codec": "int"}),
    ({"boolean": "words"}, {"boolean_codec": "words"}),
    ({"multi_codec": "text"}, {"multi_codec": "comma"}),
    ({"clear_with": "null"}, {"clear_with": "null"}),
    ({"clear_with": "empty"}, {"clear_with": "empty"}),
    ({"rows_key": "id"}, {}),
]
CONTACT = {
    "Name": "Zoë 🎉 שלום",
    "Tags": ("a", "b"),
    "Lifecycle stage": "lead",
    "Last contacted": date(2026, 2, 28),
    "Updated at": datetime(2026, 7, 1, 10, 20, 30, tzinfo=UTC),
    "Open tasks": 3,
    "Hightonic key": "k1",
}


@pytest.mark.parametrize(("variant", "profile"), CODECS)
async def test_values_survive_the_service_in_every_variant(variant, profile):
    async with connected(variant, profile=CapabilityProfile(**profile)) as client:
        table = await client.tables.get_table("Contacts")
        written = await client.rows.create(table, CONTACT)
        task = await client.rows.create(
            "Tasks", {"Title": "t", "Done": True, "Contact": (LinkedRow(written.id, "Zoë"),)}
        )
        metric = await client.rows.create("Metrics", {"Sync duration": Decimal("1.25")})
        row = (await client.rows.get_rows(table, [written.id]))[written.id]
        task_row = (await client.rows.get_rows("Tasks", [task.id]))[task.id]
        metric_row = (await client.rows.get_rows("Metrics", [metric.id]))[metric.id]
        tasks, metrics = [await client.tables.get_table(each) for each in ("Tasks", "Metrics")]
        by_format = await client.rows.read_rows_format(table, page_size=1000)

        cleared = {"Last contacted": None, "Open tasks": None, "Tags": (), "Name": None}
        await client.rows.update(written.id, cleared, table=table)
        blank = (await client.rows.get_rows(table, [written.id]))[written.id]

    shown = row.by_name(table.fields)
    assert {name: shown[name] for name in CONTACT} == CONTACT
    assert task_row.values[tasks.field("Done").id] is True
    (linked,) = task_row.values[tasks.field("Contact").id]
    assert linked.row_id == written.id
    assert metric_row.values[metrics.field("Sync duration").id] == Decimal("1.25")
    assert {each.id: each.values for each in by_format.rows}[row.id] == row.values
    assert blank.by_name(table.fields)["Tags"] == ()
    assert blank.by_name(table.fields)["Open tasks"] is None
    assert blank.by_name(table.fields)["Last contacted"] is None


@pytest.mark.parametrize(
    ("variant", "size", "calls"),
    [({}, 10, 3), ({}, 25, 1), ({}, 100, 1), ({"max_page_size": 10}, 100, 3)],
)
async def test_listing_is_whole_and_costs_the_fewest_calls(variant, size, calls):
    async with connected(variant, profile=CapabilityProfile(page_size=size)) as client:
        await client.tables.list_tables()
        pages = [page async for page in client.rows.iter_pages("Contacts")]

        ids = [row.id for page in pages for row in page.rows]
        assert len(ids) == len(set(ids)) == pages[-1].total_row_count == 25
        assert not pages[-1].shifted
        assert client.counter.by_operation["timetonic", "getTableValues"] == calls


@pytest.mark.parametrize("order", ["request", "reversed"])
@pytest.mark.parametrize(
    ("answer", "told"), [("ids_only", set()), ("rows_with_fields", set()),
                         ("tmp_ids", {"tmpA", "tmpB"})]
)  # fmt: skip
async def test_created_rows_are_told_apart_as_far_as_the_answer_goes(answer, told, order):
    variant = {"create_answer": answer, "answer_order": order}
    async with connected(variant) as client:
        batch = {"tmpA": {"Hightonic key": "kA"}, "tmpB": {"Hightonic key": "kB"}}
        receipt = await client.rows.write_batch("Contacts", batch)
        key = (await client.tables.get_table("Contacts")).field("Hightonic key")
        found = {
            value: row.id
            for value in ("kA", "kB")
            for row in await client.rows.find_rows("Contacts", key, value)
        }

    assert set(receipt.ids) == told
    assert set(receipt.all_ids) == set(found.values())
    assert all(receipt.ids[each] == found[f"k{each[-1]}"] for each in told)
    matched = receipt.ids_by_value(key)
    assert matched == (found if answer == "rows_with_fields" else {})


async def test_deadlocked_batch_is_written_once():
    async with connected({"deadlock_times": 2}, clock=EmulatorClockThatJumps()) as client:
        receipt = await client.rows.write_batch("Contacts", {"tmpA": {"Hightonic key": "kA"}})
        rows = await client.rows.find_rows("Contacts", "Hightonic key", "kA")

    assert [row.id for row in rows] == list(receipt.all_ids)
    assert client.counter.by_operation["timetonic", "createOrUpdateTableRows"] == 3


@pytest.mark.parametrize("gone", ["refuse", "ok"])
@pytest.mark.parametrize("missing_functions", [(), ("deleteTableRows",)])
@pytest.mark.parametrize("unknown_req", ["html", "json"])
async def test_rows_are_deleted_in_every_variant(gone, missing_functions, unknown_req):
    variant = {
        "deleted_delete": gone,
        "missing_functions": missing_functions,
        "unknown_req": unknown_req,
    }
    async with connected(variant) as client:
        ids = list(await client.rows.list_rows_by_id("Contacts"))[:3]
        await client.rows.delete(ids[0])
        receipt = await client.rows.delete_many(ids, table="Contacts")
        left = await client.rows.get_rows("Contacts", ids)

    assert left == {}
    assert set(receipt.deleted) | set(receipt.missing) == set(ids)
    assert set(receipt.missing) <= {ids[0]}


@pytest.mark.parametrize(
    ("variant", "error"),
    [
        ({"monthly_calls": 1}, QuotaExhaustedError),
        ({"api_right": "0", "api_right_gates": True}, ForbiddenError),
    ],
)
async def test_refusal_of_the_account_is_told(variant, error):
    async with connected(variant) as client:
        with pytest.raises(error):
            [await client.tables.list_tables() for _ in range(3)]


@pytest.mark.parametrize("status", [200, 401])
async def test_dropped_session_is_replaced_while_running(status):
    async with connected({"auth_http_status": status}) as client:
        given = client.emulator.credentials
        door = {"url": f"http://emulator.test{given['path']}"}
        async with Doorway(**door, transport=httpx.ASGITransport(client.emulator.app)) as entry:
            with pytest.raises(CredentialsError):
                await entry.sign_in(given["user"], "wrong")
            signed = await entry.sign_in(given["user"], given["password"])
        keys = [given["sesskey"], signed.sesskey]
        reloaded = ReloadedSesskey(lambda: keys.pop(0))
        async with (
            connected(emulator=client.emulator, sesskey=reloaded) as running,
            connected(emulator=client.emulator, sesskey=signed.sesskey) as elsewhere,
        ):
            await running.user.get()
            await elsewhere.sessions.drop_others()
            await running.user.get()

        assert keys == []
        with pytest.raises(CredentialsError):
            await client.user.get()


async def test_comments_messages_and_files_go_through():
    async with connected() as client:
        table = await client.tables.get_table("Contacts")
        row_id = next(iter(await client.rows.list_rows_by_id(table)))
        remarks = table.log_fields[0].id
        before = await client.messages.list_messages()
        sent = await client.messages.send("hello", body="world")
        after = await client.messages.list_messages()
        comments = await client.comments.get(row_id, remarks)
        with pytest.raises(NotFoundError):
            await client.comments.delete(row_id, remarks, comment_id=1)
        receipt = await client.files.upload(
            row_id, table.field("Attachments").id, name="a.txt", content=b"abc"
        )
        row = (await client.rows.get_rows(table, [row_id]))[row_id]

    assert len(after) == len(before) + 1
    assert sent.id in {each.id for each in after}
    assert comments.row_id == row_id
    assert receipt.size_bytes == 3
    (stored,) = row.values[table.field("Attachments").id]
    assert stored.uuid == receipt.uuid


async def test_label_outside_a_strict_list_is_rejected():
    async with connected() as client:
        with pytest.raises((RejectedError, ForbiddenError)):
            await client.rows.create("Contacts", {"Lifecycle stage": "no such stage"})


class EmulatorClockThatJumps:
    """Waits cost nothing; the client's clock, not the emulator's."""

    def monotonic(self):
        return 0.0

    def now(self):
        return NOW

    async def sleep(self, seconds):
        assert 0 < seconds < 20
