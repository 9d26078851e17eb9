from __future__ import annotations

import json

import pytest

from tests.unit.sandbox.timetonic_caller import make_caller
from toolkit.errors import UseError


class TestOneRow:
    @pytest.mark.parametrize("key", ["tmp", "tmpNEW_ROW", "tmp-123", "tmp_1", "tmpAB12"])
    async def test_a_tmp_id_creates(self, key):
        caller = make_caller()
        values = {str(caller.field("Name")): "Ada"}

        answer = await caller.ok("createOrUpdateTableRow", rowId=key, fieldValues=values)

        [row] = answer["rows"]
        assert isinstance(row["id"], int)
        assert answer["newRows"] == [row]
        assert answer["readOnlyRowsStatus"] == []
        assert caller.state.row("Contacts", row["id"])["Name"] == "Ada"

    async def test_the_same_tmp_id_creates_again(self):
        caller = make_caller()

        first, second = await caller.create({"Name": "A"}), await caller.create({"Name": "A"})

        assert first != second

    async def test_an_update_touches_the_listed_fields_alone(self):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada", "City": "Paris"})

        answer = await caller.ok(
            "createOrUpdateTableRow",
            rowId=row_id,
            fieldValues={str(caller.field("City")): "Rome"},
        )

        assert [each["id"] for each in answer["rows"]] == [row_id]
        assert answer["newRows"] == []
        row = caller.state.row("Contacts", row_id)
        assert (row["Name"], row["City"]) == ("Ada", "Rome")

    async def test_no_values_with_a_table_create_a_blank_row(self):
        caller = make_caller()

        for sent in ({}, {"fieldValues": "[]"}, {"fieldValues": ""}):
            await caller.ok("createOrUpdateTableRow", rowId="tmp1", catId=310002, **sent)

        assert len(caller.state.rows("Tasks")) == 3

    async def test_brackets_work_as_well_as_json(self):
        caller = make_caller()
        contact = await caller.create({"Name": "Ada"})
        done, link = caller.field("Done", "Tasks"), caller.field("Contact", "Tasks")

        answer = await caller.ok(
            "createOrUpdateTableRow",
            rowId="tmp1",
            **{
                f"fieldValues[{done}]": "true",
                f"fieldValues[{link}][0][row_id]": str(contact),
                f"fieldValues[{link}][0][value]": "anything",
            },
        )

        row = caller.state.row("Tasks", answer["rows"][0]["id"])
        assert (row["Done"], row["Contact"]) == (True, (contact,))

    async def test_the_official_node_posts_multipart_without_a_table(self):
        caller = make_caller()
        values = json.dumps({str(caller.field("Name")): "Ada"})
        parts = {
            **caller.keys,
            "req": "createOrUpdateTableRow",
            "rowId": "tmp1",
            "fieldValues": values,
        }

        answer = await caller.send(files={name: (None, each) for name, each in parts.items()})

        assert answer.json()["status"] == "ok"

    @pytest.mark.parametrize(
        ("sent", "text"),
        [
            ({}, "(rowId)"),
            ({"rowId": "tmp1"}, "(catId)"),
            ({"rowId": "tmp1", "fieldValues": '{"1": "x"}'}, "field not found"),
            (
                {"rowId": "tmp1", "catId": 310001, "fieldValues": '{"1": "x"}'},
                "field not found",
            ),
            ({"rowId": "tmp1", "catId": 310001, "fieldValues": "text"}, "(fieldValues)"),
            ({"rowId": "tmp1", "catId": 1}, "table not found"),
            ({"rowId": "77"}, "row not found"),
            ({"rowId": "19975055", "catId": 310001}, "row not found"),
            ({"rowId": "tmp1", "catId": 310007}, "read only"),
            (
                {"rowId": "tmp1", "fieldValues": '{"4100001": "x", "4100026": "y"}'},
                "several tables",
            ),
        ],
    )
    async def test_a_write_that_cannot_be_placed_is_refused(self, sent, text):
        assert text in await make_caller().refused("createOrUpdateTableRow", **sent)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ({"Total tasks": "many"}, "does not fit"),
            ({"Total tasks": "1.5"}, "does not fit"),
            ({"Total tasks": True}, "does not fit"),
            ({"Total tasks": "9" * 400}, "does not fit"),
            ({"Name": ["a"]}, "does not fit"),
            ({"Last contacted": "tomorrow"}, "does not fit"),
            ({"Last contacted": True}, "does not fit"),
            ({"Last contacted": "999999999999999"}, "does not fit"),
            ({"Updated at": "now"}, "does not fit"),
            ({"Lifecycle stage": "friend"}, "strict list"),
            ({"Updates": "x"}, "read only"),
            ({"Comments": "x"}, "read only"),
            ({"Attachments": "x"}, "read only"),
        ],
    )
    async def test_a_value_its_field_cannot_hold_is_refused(self, value, text):
        caller = make_caller()
        fields = {str(caller.field(name)): each for name, each in value.items()}

        said = await caller.refused("createOrUpdateTableRow", rowId="tmp1", fieldValues=fields)

        assert text in said
        assert len(caller.state.rows("Contacts")) == 12

    async def test_one_cell_can_be_written_alone(self):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada"})

        await caller.ok(
            "updateTableValue", rowId=row_id, fieldId=caller.field("City"), value="Rome"
        )

        assert caller.state.row("Contacts", row_id)["City"] == "Rome"

    async def test_automations_run_only_when_asked(self):
        caller = make_caller()
        await caller.create({"Name": "quiet"})
        assert caller.state.triggered == []

        row = await caller.ok(
            "createOrUpdateTableRow", rowId="tmp1", catId=310001, bypassUrlTrigger="false"
        )

        assert caller.state.triggered == [row["rows"][0]["id"]]

    async def test_a_row_can_be_rolled_back(self):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada", "City": "Paris"})
        city = {str(caller.field("City")): "Rome"}
        await caller.ok("createOrUpdateTableRow", rowId=row_id, fieldValues=city)

        await caller.ok("rollBackBeforeChange", rowId=row_id)

        assert caller.state.row("Contacts", row_id)["City"] == "Paris"
        assert "row not found" in await caller.refused("rollBackBeforeChange", rowId=7)


class TestActivity:
    async def test_it_tells_the_last_change_and_counts_all(self):
        caller = make_caller()
        row_id = await caller.create({"City": "Paris"})
        values = {str(caller.field("City")): "Rome"}
        await caller.ok("createOrUpdateTableRow", rowId=row_id, fieldValues=values, u_c="zo")
        field = {"filterRowIds": [row_id], "fieldIds": [caller.field("Updates")]}

        [cell] = (await caller.values(**field))["fields"][0]["values"]

        assert cell["text"] == "@zo: changed field 'City' from 'Paris' to 'Rome'"
        assert cell["value"]["total"] == 2
        assert cell["value"]["last"]["u"] == {"c": "zo", "n": "zo", "s": 0}
        assert cell["value"]["last"]["s"] // 10_000 == cell["value"]["last"]["c"]

    async def test_the_same_value_again_is_no_change(self):
        caller = make_caller()
        row_id = await caller.create({"City": "Paris"})
        before = await caller.cell(row_id, "Updates")
        values = {str(caller.field("City")): "Paris"}

        await caller.ok("createOrUpdateTableRow", rowId=row_id, fieldValues=values)

        assert await caller.cell(row_id, "Updates") == before

    async def test_untouched_rows_have_none_and_tables_do_not_move(self):
        caller = make_caller()
        first = (await caller.values())["lastModified"]
        await caller.create({"Name": "New"})

        values = await caller.values()

        assert values["lastModified"] == first == "2025-03-03 10:30:00"
        assert [each["value"] for each in values["fields"][-1]["values"]][:12] == [None] * 12


class TestBatch:
    @pytest.mark.parametrize("encoding", ["json", "brackets"])
    async def test_creates_and_updates_mix(self, encoding):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada"})
        name = caller.field("Name")
        rows = {str(row_id): {str(name): "Ida"}, "tmp1": {str(name): "Eva"}}
        sent = {"rows": rows} if encoding == "json" else {
            f"rows[{row_id}][{name}]": "Ida", f"rows[tmp1][{name}]": "Eva"
        }  # fmt: skip

        answer = await caller.ok("createOrUpdateTableRows", **sent)

        [new] = answer["newRows"]
        assert [each["id"] for each in answer["rows"]] == [row_id, new["id"]]
        names = {key: row["Name"] for key, row in caller.state.rows("Contacts").items()}
        assert (names[row_id], names[new["id"]]) == ("Ida", "Eva")

    @pytest.mark.parametrize(
        ("bad", "text"),
        [
            ({"tmp2": {"4100018": "many"}}, "does not fit"),
            ({"77": {"4100001": "x"}}, "row not found"),
            ({"tmp2": {"4100026": "a task"}}, "several tables"),
        ],
    )
    async def test_one_bad_row_fails_the_whole_batch(self, bad, text):
        caller = make_caller()
        rows = {"tmp1": {"4100001": "good"}, **bad}

        assert text in await caller.refused("createOrUpdateTableRows", rows=rows)
        assert len(caller.state.rows("Contacts")) == 12

    @pytest.mark.parametrize("sent", [{}, {"rows": "[]"}, {"rows": "text"}])
    async def test_an_empty_batch_is_refused(self, sent):
        assert "(rows)" in await make_caller().refused("createOrUpdateTableRows", **sent)

    async def test_a_batch_has_a_cap(self):
        caller = make_caller(batch_cap=2)
        rows = {f"tmp{n}": {"4100001": "x"} for n in range(3)}

        assert "too many rows" in await caller.refused("createOrUpdateTableRows", rows=rows)

    async def test_a_big_bracket_batch_loses_its_tail(self):
        caller = make_caller(max_input_vars=24)
        sent = {f"rows[tmp{n}][4100001]": "x" for n in range(30)}

        answer = await caller.ok("createOrUpdateTableRows", **sent)

        # Four variables are the session's and the function's own.
        assert len(answer["newRows"]) == 20

    async def test_deadlocks_come_first_and_change_nothing(self):
        caller = make_caller(deadlock_times=2)
        rows = {"tmp1": {"4100001": "x"}}

        texts = [await caller.refused("createOrUpdateTableRows", rows=rows) for _ in range(2)]
        await caller.ok("createOrUpdateTableRows", rows=rows)

        assert all("Deadlock" in text for text in texts)
        assert len(caller.state.rows("Contacts")) == 13

    @pytest.mark.parametrize(("size", "status"), [(2, "ok"), (3, "nok")])
    async def test_batches_above_a_size_may_always_deadlock(self, size, status):
        caller = make_caller(deadlock_above=2)
        rows = {f"tmp{n}": {"4100001": "x"} for n in range(size)}

        assert (await caller.ask("createOrUpdateTableRows", rows=rows))["status"] == status


class TestDelete:
    async def test_a_deleted_row_is_gone_everywhere(self):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada"})
        task = await caller.create({"Contact": [{"row_id": row_id}]}, "Tasks")

        await caller.ok("deleteTableRow", rowId=row_id)

        assert row_id not in await caller.row_ids()
        assert await caller.cell(task, "Contact", "Tasks") is None
        assert "row not found" in await caller.refused("createOrUpdateTableRow", rowId=row_id)

    @pytest.mark.parametrize("encoding", ["json", "brackets"])
    async def test_many_rows_go_at_once(self, encoding):
        caller = make_caller()
        every = list(caller.state.table("Contacts").row_ids)
        sent = {"rows": every[:2]} if encoding == "json" else {
            "rows[0]": every[0], "rows[1]": every[1]
        }  # fmt: skip

        await caller.ok("deleteTableRows", **sent)

        assert await caller.row_ids() == every[2:]

    async def test_one_missing_row_keeps_all(self):
        caller = make_caller()
        first = caller.state.table("Contacts").row_ids[0]

        assert "row not found" in await caller.refused("deleteTableRows", rows=[first, 7])
        assert first in await caller.row_ids()

    async def test_nothing_to_delete_is_refused(self):
        assert "(rows)" in await make_caller().refused("deleteTableRows")

    @pytest.mark.parametrize(("policy", "status"), [("refuse", "nok"), ("ok", "ok")])
    async def test_deleting_again_is_a_switch(self, policy, status):
        caller = make_caller(deleted_delete=policy)
        row_id = await caller.create({"Name": "Ada"})
        await caller.ok("deleteTableRow", rowId=row_id)

        assert (await caller.ask("deleteTableRow", rowId=row_id))["status"] == status

    async def test_ids_are_never_used_again(self):
        caller = make_caller()
        row_id = await caller.create({"Name": "Ada"})
        await caller.ok("deleteTableRow", rowId=row_id)

        assert await caller.create({"Name": "Ada"}) > row_id


class TestByHand:
    def test_a_person_adds_edits_and_removes(self):
        state = make_caller().state
        row_id = state.add_row("Tasks", {"Title": "Call", "Done": False})
        state.edit_row("Tasks", row_id, {"Done": True}, user="zo")

        assert state.row("Tasks", row_id)["Done"] is True
        assert state.table("Tasks").activity[row_id].user == "zo"
        assert state.counts()["Tasks"] == 1
        state.remove_row("Tasks", row_id)
        assert state.rows("Tasks") == {}

    @pytest.mark.parametrize("name", ["row", "edit_row", "remove_row"])
    def test_a_missing_row_is_an_error(self, name):
        state = make_caller().state
        arguments = ("Tasks", 7, {}) if name == "edit_row" else ("Tasks", 7)

        with pytest.raises(KeyError):
            getattr(state, name)(*arguments)

    def test_a_wrong_name_is_said(self):
        state = make_caller().state

        with pytest.raises(UseError, match="no table 'Taskz'"):
            state.table("Taskz")
        with pytest.raises(UseError, match="no field 'Titel'"):
            state.add_row("Tasks", {"Titel": "x"})
