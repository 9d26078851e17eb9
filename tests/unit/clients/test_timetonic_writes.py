import asyncio
import json

import httpx
import pytest

from tests.unit.clients.timetonic_service import (
    CONTACTS,
    FIELDS,
    Service,
    cells,
    client,
    nok,
    ok,
    router,
)
from toolkit.clients.pacing import ManualClock
from toolkit.clients.timetonic import CapabilityProfile, DeadlockError
from toolkit.errors import (
    ForbiddenError,
    MalformedAnswerError,
    NotFoundError,
    NotReachedError,
    RejectedError,
    UnknownOutcomeError,
    UseError,
)

ONE, MANY = "createOrUpdateTableRow", "createOrUpdateTableRows"
LOST = [httpx.ReadTimeout("late"), httpx.ReadError("cut"), httpx.RemoteProtocolError("cut")]
NEVER_SENT = [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), nok("Deadlock found")]


@pytest.fixture
def service():
    with router() as mocked:
        yield Service(mocked)


def wrote(*rows, **extra):
    listed = [each if isinstance(each, dict) else {"id": each} for each in rows]
    return ok(rows=listed, newRows=[], readOnlyRowsStatus=[], **extra)


async def test_create_sends_typed_values_as_json_text(service):
    service.on(ONE, wrote({"id": 7, "fields": {"Name": {"value": "Zoë"}}}))

    async with client() as tonic:
        written = await tonic.rows.create(
            "Contacts", {"Name": "Zoë", 103: 3, "flag": True, "Email": None}, tmp_id="tmpk1"
        )

    form = service.only(ONE)
    assert cells(form) == {"101": "Zoë", "103": 3, "106": "true", "102": None}
    assert {name: form[name] for name in ("rowId", "catId", "bypassUrlTrigger")} == {
        "rowId": "tmpk1",
        "catId": str(CONTACTS),
        "bypassUrlTrigger": "true",
    }
    assert form["returnUpdatedRows"] == "1"
    assert (written.id, written.values) == (7, {101: "Zoë"})


async def test_automations_start_only_when_asked_for(service):
    service.on(ONE, wrote(7))

    async with client() as tonic:
        await tonic.rows.create("Contacts", {}, bypass_url_trigger=False)

    form = service.only(ONE)
    assert (form["bypassUrlTrigger"], form["fieldValues"]) == ("false", "{}")


async def test_receipt_with_ids_alone_has_no_values(service):
    service.on(ONE, wrote("7"))

    async with client() as tonic:
        written = await tonic.rows.create("Contacts", {"Name": "a"})

    assert (written.id, written.values) == (7, None)


@pytest.mark.parametrize(
    "answer",
    [ok(rows=[]), ok(), wrote(1, 2), ok(rows=[{"name": "no id"}]), ok(rows=["x"])],
)
async def test_create_without_exactly_one_id_is_unknown(service, answer):
    service.on(ONE, answer)

    async with client() as tonic:
        with pytest.raises(UnknownOutcomeError):
            await tonic.rows.create("Contacts", {"Name": "a"})

    assert len(service.sent(ONE)) == 1


@pytest.mark.parametrize(
    "failure", [*LOST, httpx.Response(502), httpx.Response(200, text="<p>")]
)
async def test_create_without_a_sure_answer_is_never_repeated(service, failure):
    service.on(ONE, failure)

    async with client() as tonic:
        with pytest.raises(UnknownOutcomeError):
            await tonic.rows.create("Contacts", {"Name": "a"})

    assert len(service.sent(ONE)) == 1


@pytest.mark.parametrize("failure", NEVER_SENT)
async def test_create_that_provably_did_not_happen_is_repeated(service, failure):
    service.on(ONE, failure, wrote(7))

    async with client() as tonic:
        written = await tonic.rows.create("Contacts", {"Name": "a"})

    assert written.id == 7
    assert len({json.dumps(each) for each in service.sent(ONE)}) == 1


@pytest.mark.parametrize("failure", [*LOST, *NEVER_SENT, httpx.Response(503)])
async def test_update_is_repeated_because_it_writes_the_same_again(service, failure):
    service.on(ONE, failure, wrote(7))

    async with client() as tonic:
        written = await tonic.rows.update(7, {FIELDS["name"]: "b"})

    assert written.id == 7
    assert len(service.sent(ONE)) == 2


async def test_write_that_starts_automations_is_not_repeated(service):
    service.on(ONE, httpx.ReadError("cut"))
    service.on(MANY, httpx.ReadError("cut"))

    async with client() as tonic:
        with pytest.raises(UnknownOutcomeError):
            await tonic.rows.update(7, {101: "b"}, bypass_url_trigger=False)
        with pytest.raises(UnknownOutcomeError):
            await tonic.rows.write_batch("Contacts", {7: {101: "b"}}, bypass_url_trigger=False)

    assert (len(service.sent(ONE)), len(service.sent(MANY))) == (1, 1)


async def test_update_of_a_gone_row_is_not_found(service):
    service.on(ONE, httpx.ReadError("cut"), nok("row not found"))

    async with client() as tonic:
        with pytest.raises(NotFoundError):
            await tonic.rows.update(7, {"Name": "b"}, table="Contacts")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "at least one field"),
        ({"Formula": 1}, "cannot be written"),
        ({"Attachments": "x"}, "cannot be written"),
        ({"Count": "many"}, "takes a integer"),
        ({"Nmae": "x"}, "no field Nmae"),
    ],
)
async def test_values_that_cannot_be_sent_are_refused_before_sending(service, values, words):
    async with client() as tonic:
        with pytest.raises(UseError, match=words):
            await tonic.rows.update(7, values, table="Contacts")

    assert service.sent(ONE) == []


async def test_new_row_needs_a_tmp_id(service):
    async with client() as tonic:
        with pytest.raises(UseError, match="begins with tmp"):
            await tonic.rows.create("Contacts", {}, tmp_id="7")

    assert service.requests == []


async def test_deadlock_is_repeated_with_a_cap_and_growing_waits(service):
    service.on(MANY, nok("Deadlock found"))
    clock = ManualClock()

    async with client(clock=clock) as tonic:
        with pytest.raises(DeadlockError) as caught:
            await tonic.rows.write_batch("Contacts", {"tmp1": {"Name": "a"}})

    assert isinstance(caught.value, NotReachedError)
    assert len(service.sent(MANY)) == 5
    assert len(clock.sleeps) == 4
    assert 0 < clock.sleeps[0] < clock.sleeps[-1] <= 20


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        # ids only: nothing says which of two new rows is which
        (wrote(7, 21, 22), {7: 7}),
        # one tmp id, one new row
        (wrote(7, 21), {7: 7, "tmpA": 21}),
        # echoed tmp ids, in every place a server could put them
        (wrote(7, {"id": 21, "tmpId": "tmpB"}, {"id": 22, "tmpId": "tmpA"}),
         {7: 7, "tmpA": 22, "tmpB": 21}),
        (ok(rows=[{"id": 7}], newRows={"tmpA": 22, "tmpB": {"id": 21}}),
         {7: 7, "tmpA": 22, "tmpB": 21}),
        (ok(rows={"7": {}}, newRows=[{"id": 22, "oldId": "tmpA"}]), {7: 7, "tmpA": 22}),
        # the answer names rows and leaves 7 out: not confirmed
        (wrote({"id": 21, "tmpId": "tmpA"}), {"tmpA": 21}),
        # no rows at all: an accepted update is taken at its word, a create is not
        (ok(), {7: 7}),
    ],
)  # fmt: skip
async def test_receipt_tells_as_much_as_the_answer_does(service, answer, ids):
    service.on(MANY, answer)
    keys = {7: {"Name": "u"}, "tmpA": {"Name": "a"}}
    if len(answer.get("rows", [])) + len(answer.get("newRows", [])) > 2:
        keys["tmpB"] = {"Name": "b"}

    async with client() as tonic:
        receipt = await tonic.rows.write_batch("Contacts", keys)

    assert receipt.ids == ids


async def test_created_rows_are_matched_by_a_key_column(service):
    rows = [
        {"id": 22, "fields": {"Key": {"value": "kB"}, "Name": {"value": "b"}}},
        {"id": 21, "fields": {"Key": "kA"}},
        {"id": 23, "fields": {"Key": {"value": None}}},
        {"id": 26, "fields": {"Key": {"value": {"odd": []}}}},
        {"id": 24, "fields": {"Key": {"value": "twice"}}},
        {"id": 25, "fields": {"Key": {"value": "twice"}}},
    ]
    service.on(MANY, ok(rows=rows, newRows=[22, 21]))

    async with client() as tonic:
        keys = {f"tmp{each}": {"Name": "a"} for each in range(6)}
        receipt = await tonic.rows.write_batch("Contacts", keys)
        table = await tonic.tables.get_table("Contacts")

    assert receipt.ids_by_value(table.field("Key")) == {"kA": 21, "kB": 22}
    assert receipt.ids_by_value(FIELDS["name"]) == {"b": 22}
    assert receipt.all_ids == (22, 21, 23, 26, 24, 25)


async def test_batch_travels_as_one_json_text(service):
    service.on(MANY, wrote(7, 8))

    async with client() as tonic:
        await tonic.rows.write_batch("Contacts", {7: {"Name": "a"}, "8": {"Email": "b"}})

    form = service.only(MANY)
    assert json.loads(form["rows"]) == {"7": {"101": "a"}, "8": {"102": "b"}}
    assert (form["catId"], form["returnUpdatedRows"]) == (str(CONTACTS), "1")


@pytest.mark.parametrize(("keys", "calls"), [([7, 8], 2), ([7, "tmp1"], 1)])
async def test_batch_is_repeated_after_a_lost_answer_only_without_new_rows(
    service, keys, calls
):
    service.on(MANY, httpx.ReadTimeout("late"), wrote(7, 8))

    async with client() as tonic:
        batch = tonic.rows.write_batch("Contacts", {each: {"Name": "a"} for each in keys})
        if calls == 1:
            with pytest.raises(UnknownOutcomeError):
                await batch
        else:
            assert (await batch).ids == {7: 7, 8: 8}

    assert len(service.sent(MANY)) == calls


async def test_empty_batch_costs_nothing(service):
    async with client() as tonic:
        receipt = await tonic.rows.write_batch("Contacts", {})

    assert (receipt.ids, service.requests) == ({}, [])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({each: {"Name": "a"} for each in range(1, 12)}, "write_batch_size"),
        ({"new": {"Name": "a"}}, "begins with tmp"),
        ({"tmp1": {"Name": "a"}, "new": {"Name": "a"}}, "begins with tmp"),
    ],
)
async def test_batch_that_cannot_be_sent_is_refused(service, rows, words):
    async with client() as tonic:
        with pytest.raises(UseError, match=words):
            await tonic.rows.write_batch("Contacts", rows)

    assert service.sent(MANY) == []


async def test_many_rows_go_in_batches_of_the_profile(service):
    service.on(MANY, lambda form: wrote(*map(int, json.loads(form["rows"]))))

    async with client(profile=CapabilityProfile(write_batch_size=2)) as tonic:
        rows = {each: {"Name": "a"} for each in range(1, 6)}
        receipts = [each async for each in tonic.rows.iter_batches("Contacts", rows)]

    assert [list(each.ids) for each in receipts] == [[1, 2], [3, 4], [5]]


async def test_writes_go_one_at_a_time(service):
    running, most = 0, 0

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return httpx.Response(200, json=ok())

    async with client(transport=Slow()) as tonic:
        await asyncio.gather(*(tonic.rows.delete(each) for each in range(6)))
        assert most == 1
        await asyncio.gather(*(tonic.call("getUserInfo") for _ in range(9)))

    assert most == 4


async def test_delete_of_a_gone_row_is_not_found(service):
    service.on("deleteTableRow", nok("row not found"))

    async with client() as tonic:
        with pytest.raises(NotFoundError):
            await tonic.rows.delete(7, table="Contacts")

    assert service.only("deleteTableRow")["catId"] == str(CONTACTS)


async def test_delete_whose_answer_got_lost_is_done_when_the_row_is_gone(service):
    service.on("deleteTableRow", httpx.ReadError("cut"), nok("row not found"))

    async with client() as tonic:
        await tonic.rows.delete(7)

    assert len(service.sent("deleteTableRow")) == 2


@pytest.mark.parametrize(
    ("answer", "bulk_calls", "single_calls"),
    [
        (ok(), 2, 0),
        (nok("row not found"), 2, 4),
        (nok("unknown function"), 1, 4),
        (httpx.Response(200, text="<html>"), 1, 4),
    ],
)
async def test_many_deletes_fall_back_to_single_ones(service, answer, bulk_calls, single_calls):
    service.on("deleteTableRows", answer)
    service.on(
        "deleteTableRow", lambda form: nok("row not found") if form["rowId"] == "3" else ok()
    )

    async with client(profile=CapabilityProfile(write_batch_size=2)) as tonic:
        receipt = await tonic.rows.delete_many([1, 2, 2, 3, 4])

    assert len(service.sent("deleteTableRows")) == bulk_calls
    assert len(service.sent("deleteTableRow")) == single_calls
    assert service.sent("deleteTableRows")[0]["rows"] == "[1,2]"
    assert receipt.missing == ((3,) if single_calls else ())
    assert set(receipt.deleted) | set(receipt.missing) == {1, 2, 3, 4}


async def test_forbidden_delete_is_told(service):
    service.on("deleteTableRows", nok("permission denied"))

    async with client() as tonic:
        with pytest.raises(ForbiddenError):
            await tonic.rows.delete_many([1, 2])


async def test_roll_back_is_never_repeated(service):
    service.on("rollBackBeforeChange", httpx.ReadError("cut"))

    async with client() as tonic:
        with pytest.raises(UnknownOutcomeError):
            await tonic.rows.roll_back(7)
        service.on("rollBackBeforeChange", ok())
        await tonic.rows.roll_back(7, table="Contacts")

    assert len(service.sent("rollBackBeforeChange")) == 2


async def test_refused_values_are_not_repeated(service):
    service.on(ONE, nok("value is not in the strict list"))

    async with client() as tonic:
        with pytest.raises(RejectedError) as caught:
            await tonic.rows.create("Contacts", {"Plan": "Gold"})

    assert not isinstance(caught.value, MalformedAnswerError)
    assert len(service.sent(ONE)) == 1
