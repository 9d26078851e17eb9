from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.unit.sandbox.timetonic_caller import make_caller
from toolkit.sandbox.timetonic.schema import Choices

MOMENT = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


async def written(caller, field, value, table="Contacts"):
    """The stored value and the one read back."""
    row_id = await caller.create({field: value}, table)
    return caller.state.row(table, row_id)[field], await caller.cell(row_id, field, table)


class TestTimes:
    @pytest.mark.parametrize(
        ("codec", "wire"),
        [
            ("epoch_s", 1783980000),
            ("iso_date", "2026-07-14"),
            ("formatted", "14/07/2026"),
        ],
    )
    async def test_a_day_is_written_and_read_in_one_codec(self, codec, wire):
        caller = make_caller(date_codec=codec, date_format="DD/MM/YYYY")

        stored, read = await written(caller, "Last contacted", wire)

        assert (stored, read) == (date(2026, 7, 14), wire)

    @pytest.mark.parametrize("seconds", [1783980000, "1783980000", 1783987200, 1784030400])
    async def test_seconds_within_a_day_mean_that_day(self, seconds):
        stored, _ = await written(make_caller(), "Last contacted", seconds)

        assert stored == date(2026, 7, 14)

    @pytest.mark.parametrize(
        ("codec", "sent", "read"),
        [
            ("epoch_s", 1784068200, 1784068200),
            ("epoch_s", "1784068200", 1784068200),
            ("iso_datetime", "2026-07-14T22:30:00Z", "2026-07-14T22:30:00Z"),
            ("iso_datetime", "2026-07-15T00:30:00.25+02:00", "2026-07-14T22:30:00Z"),
            ("iso_datetime", "2026-07-15T00:30:00", "2026-07-14T22:30:00Z"),
            ("formatted", "15/07/2026 00:30:00", "15/07/2026 00:30:00"),
        ],
    )
    async def test_a_moment_is_written_and_read_in_one_codec(self, codec, sent, read):
        caller = make_caller(datetime_codec=codec, date_format="DD/MM/YYYY")

        assert await written(caller, "Due", sent, "Tasks") == (MOMENT, read)

    @pytest.mark.parametrize(
        ("variant", "field", "value"),
        [
            ({"date_codec": "iso_date"}, "Last contacted", 1783980000),
            ({"date_codec": "formatted"}, "Last contacted", "14.07.2026"),
            ({"datetime_codec": "iso_datetime"}, "Updated at", 1783980000),
            ({}, "Last contacted", "2026-07-14"),
            ({}, "Last contacted", [1]),
        ],
    )
    async def test_another_codec_is_not_understood(self, variant, field, value):
        caller = make_caller(**variant)
        values = {str(caller.field(field)): value}

        text = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert "does not fit" in text

    async def test_the_schema_tells_the_format(self):
        values = await make_caller(date_format="DD/MM/YYYY").values(maxRows=1)

        formats = {each["name"]: each.get("dateFormat") for each in values["fields"]}
        assert formats["Last contacted"] == "DD/MM/YYYY"
        assert formats["Name"] is None


class TestNumbersAndBooleans:
    @pytest.mark.parametrize(
        ("codec", "field", "sent", "read"),
        [
            ("json", "Notes", "12", 12),
            ("json", "Notes", "12.0", 12),
            ("json", "Sync duration", 1.5, 1.5),
            ("json", "Sync duration", "3", 3.0),
            ("string", "Notes", 12, "12"),
            ("string", "Sync duration", "1.5", "1.5"),
            ("string", "Sync duration", 3, "3"),
            ("decimal_comma", "Sync duration", "1,5", "1,5"),
            ("decimal_comma", "Sync duration", 1.5, "1,5"),
        ],
    )
    async def test_numbers(self, codec, field, sent, read):
        _, shown = await written(make_caller(number=codec), field, sent, "Metrics")

        assert shown == read
        assert type(shown) is type(read)

    async def test_a_comma_is_a_number_nowhere_else(self):
        caller = make_caller()
        values = {str(caller.field("Sync duration", "Metrics")): "1,5"}

        text = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert "does not fit" in text

    @pytest.mark.parametrize("sent", [True, 1, "true", "1", "TRUE"])
    @pytest.mark.parametrize(("codec", "read"), [("int", 1), ("bool", True), ("words", "true")])
    async def test_booleans(self, codec, read, sent):
        stored, shown = await written(make_caller(boolean=codec), "Done", sent, "Tasks")

        assert stored is True
        assert shown == read
        assert type(shown) is type(read)

    async def test_false_is_not_empty(self):
        assert await written(make_caller(boolean="words"), "Done", "false", "Tasks") == (
            False,
            "false",
        )

    async def test_another_word_is_no_boolean(self):
        caller = make_caller()
        values = {str(caller.field("Done", "Tasks")): "maybe"}

        text = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert "does not fit" in text


class TestListsAndLinks:
    @pytest.mark.parametrize("sent", [["a", "b", "a"], "a, b", {"0": "a", "1": "b"}])
    @pytest.mark.parametrize(("codec", "read"), [("array", ["a", "b"]), ("text", "a,b")])
    async def test_several_labels(self, codec, read, sent):
        caller = make_caller(multi_codec=codec)

        assert await written(caller, "Tags", sent) == (("a", "b"), read)

    @pytest.mark.parametrize(
        ("policy", "stored"), [("drop", None), ("store", "friend"), ("refuse", None)]
    )
    async def test_a_label_outside_a_strict_list(self, policy, stored):
        caller = make_caller(strict_list=policy)
        values = {
            str(caller.field("Lifecycle stage")): "friend",
            str(caller.field("Name")): "A",
        }

        answer = await caller.ask("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert answer["status"] == ("nok" if policy == "refuse" else "ok")
        if policy != "refuse":
            row = caller.state.row("Contacts", answer["rows"][0]["id"])
            assert (row["Lifecycle stage"], row["Name"]) == (stored, "A")

    async def test_a_strict_list_may_take_several_labels(self):
        caller = make_caller()
        table = caller.state.table("Contacts")
        tags = caller.field("Tags")
        choices = Choices(("a", "b"), is_strict=True, is_multiple=True)
        table.fields[tags] = replace(table.fields[tags], choices=choices)

        assert await written(caller, "Tags", ["b", "a"]) == (("b", "a"), ["b", "a"])
        text = await caller.refused(
            "createOrUpdateTableRow", rowId="tmp1", fieldValues={str(tags): ["a", "c"]}
        )
        assert "strict list" in text

    async def test_free_lists_take_other_labels(self):
        assert await written(make_caller(), "Plan", "gold") == ("gold", "gold")

    @pytest.mark.parametrize("form", ["objects", "ids", "id", "label", "separated"])
    async def test_links_come_in_many_forms_and_go_out_in_one(self, form):
        caller = make_caller()
        first = await caller.create({"Name": "Ada"})
        second = await caller.create({"Name": "Eva; II"})
        sent, linked = {
            "objects": ([{"row_id": second, "value": "?"}], (second,)),
            "ids": ([first, str(second)], (first, second)),
            "id": (first, (first,)),
            "label": ("ADA", (first,)),
            "separated": ("Eva; II, Ada", (second, first)),
        }[form]

        stored, read = await written(caller, "Contact", sent, "Tasks")

        assert stored == linked
        labels = {first: "Ada", second: "Eva; II"}
        assert read == [{"row_id": row_id, "value": labels[row_id]} for row_id in linked]

    async def test_the_separator_of_labels_can_be_chosen(self):
        caller = make_caller()
        row_ids = [await caller.create({"Name": name}) for name in ("A, B", "C")]
        values = {str(caller.field("Contact", "Tasks")): "A, B;C"}

        answer = await caller.ok(
            "createOrUpdateTableRow", rowId="tmp1", fieldValues=values, linkSeparator=";"
        )

        assert caller.state.row("Tasks", answer["rows"][0]["id"])["Contact"] == tuple(row_ids)

    @pytest.mark.parametrize(("policy", "status"), [("refuse", "nok"), ("drop", "ok")])
    async def test_a_label_no_row_has(self, policy, status):
        caller = make_caller(unknown_label=policy)
        values = {str(caller.field("Contact", "Tasks")): "Nobody"}

        answer = await caller.ask("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert answer["status"] == status

    async def test_a_link_to_a_missing_row_is_refused(self):
        caller = make_caller()
        values = {str(caller.field("Contact", "Tasks")): [{"row_id": 7}]}

        text = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert "row not found" in text


class TestEmptyCells:
    @pytest.mark.parametrize(
        ("clear_with", "sent", "left"),
        [
            ("either", None, None),
            ("either", "", None),
            ("either", [], None),
            ("null", None, None),
            ("null", "", ""),
            ("empty", "", None),
            ("empty", None, "Paris"),
        ],
    )
    async def test_what_empties_a_text(self, clear_with, sent, left):
        caller = make_caller(clear_with=clear_with)
        row_id = await caller.create({"City": "Paris"})

        await caller.ok(
            "createOrUpdateTableRow",
            rowId=row_id,
            fieldValues={str(caller.field("City")): sent},
        )

        assert caller.state.row("Contacts", row_id)["City"] == left

    async def test_an_empty_text_may_not_empty_a_date(self):
        caller = make_caller(clear_with="null")
        values = {str(caller.field("Last contacted")): ""}

        text = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=values)

        assert "does not fit" in text

    @pytest.mark.parametrize(("policy", "read"), [("null", None), ("empty_text", "")])
    async def test_an_empty_text_reads_as_either(self, policy, read):
        caller = make_caller(empty_reads=policy)
        row_id = await caller.create({"Name": "Ada"})

        assert await caller.cell(row_id, "City") == read
        assert await caller.cell(row_id, "Last contacted") is None

    @pytest.mark.parametrize("field", ["Tags", "Contact", "Done"])
    async def test_everything_but_text_reads_as_null(self, field):
        caller = make_caller()
        table = "Contacts" if field == "Tags" else "Tasks"
        row_id = await caller.create({field: ","} if field == "Tags" else {field: ""}, table)

        assert await caller.cell(row_id, field, table) is None


class TestAnswersToWrites:
    @pytest.mark.parametrize(
        ("kind", "asked", "keys"),
        [
            ("ids_only", 1, {"id"}),
            ("rows_with_fields", 0, {"id"}),
            ("rows_with_fields", 1, {"id", "fields"}),
            ("tmp_ids", 1, {"id", "tmpId"}),
        ],
    )
    async def test_what_a_new_row_tells(self, kind, asked, keys):
        caller = make_caller(create_answer=kind)
        rows = {"tmpA": {"4100001": "Ada"}}

        answer = await caller.ok("createOrUpdateTableRows", rows=rows, returnUpdatedRows=asked)

        [new] = answer["newRows"]
        assert new.keys() == keys
        assert new.get("tmpId", "tmpA") == "tmpA"
        assert new.get("fields", {"Name": {"value": "Ada"}})["Name"] == {"value": "Ada"}

    async def test_rows_may_come_back_in_another_order(self):
        caller = make_caller(answer_order="reversed")
        rows = {f"tmp{n}": {"4100001": f"N{n}"} for n in range(3)}

        answer = await caller.ok("createOrUpdateTableRows", rows=rows, returnUpdatedRows=1)

        names = [each["fields"]["Name"]["value"] for each in answer["rows"]]
        assert names == ["N2", "N1", "N0"]

    async def test_a_bad_row_may_fail_alone(self):
        caller = make_caller(batch_failure="partial")
        rows = {"tmp1": {"4100001": "good"}, "tmp2": {"4100018": "many"}}

        answer = await caller.ok("createOrUpdateTableRows", rows=rows)

        assert len(answer["rows"]) == 1
        assert [each["id"] for each in answer["readOnlyRowsStatus"]] == ["tmp2"]

    @pytest.mark.parametrize(
        ("setting", "field", "value"),
        [
            ({"read_only": "drop"}, "Updates", "x"),
            ({"bad_value": "drop"}, "Total tasks", "many"),
        ],
    )
    async def test_some_values_may_vanish_without_a_word(self, setting, field, value):
        stored, _ = await written(make_caller(**setting), field, value)

        assert stored is None


class TestOldBuilds:
    @pytest.mark.parametrize("name", ["deleteTableRows", "listTableRowsById"])
    async def test_a_build_may_lack_a_function(self, name):
        answer = await make_caller(missing_functions=[name]).post(
            name, rows="[1]", catId=310001
        )

        assert answer.headers["content-type"].startswith("text/html")

    async def test_rows_may_carry_stamps(self):
        caller = make_caller(shows_row_stamps=True)
        row_id = await caller.create({"Name": "Ada"})

        values = await caller.values(filterRowIds=[row_id])

        entry = values["rowInfos"][str(row_id)]
        assert entry["lastModified"] == "2026-11-23 10:00:00"
        assert entry["sstamp"] == caller.state.table("Contacts").stamp_of[row_id]
