from __future__ import annotations

import json

import pytest

from tests.unit.sandbox.timetonic_caller import SAMPLES, make_caller

BOOK = {"b_c": "customers", "b_o": "hightonic"}
MOCHA = {"b_c": "mochatests", "b_o": "ttcapitester"}


class TestComments:
    async def _thread(self, caller):
        row_id = await caller.create({"Name": "Ada"})
        return {"rowId": row_id, "fieldId": caller.field("Comments")}

    async def test_a_thread_is_added_to_edited_and_cut(self):
        caller = make_caller()
        thread = await self._thread(caller)
        assert (await caller.ok("getTableValueComments", **thread))["data"] == {
            "comments": [],
            "total": 0,
        }
        added = await caller.ok("editTableValueComments", **thread, comment="Hello")
        await caller.ok("editTableValueComments", **thread, comment="More", commentId="tmp1")
        first = added["data"]["comments"][0]
        assert (first["comment"], first["u"]["n"]) == ("Hello", "Hightonic Sync")

        await caller.ok("editTableValueComments", **thread, comment="Hi", commentId=first["id"])
        listed = (await caller.ok("getTableValueComments", **thread))["data"]["comments"]
        left = await caller.ok("deleteTableValueComments", **thread, commentId=first["id"])

        assert [each["comment"] for each in listed] == ["Hi", "More"]
        assert [each["comment"] for each in left["data"]["comments"]] == ["More"]
        assert {"rowId", "fieldId", "sstamp"} <= left.keys()

    async def test_the_cell_tells_the_last_remark(self):
        caller = make_caller()
        thread = await self._thread(caller)
        caller.state.add_comment(thread["rowId"], thread["fieldId"], "By hand", user="zo")

        cell = await caller.cell(thread["rowId"], "Comments")

        assert (cell["last"]["m"], cell["total"]) == ("By hand", 1)

    async def test_comments_go_with_their_row(self):
        caller = make_caller()
        thread = await self._thread(caller)
        await caller.ok("editTableValueComments", **thread, comment="Hello")

        await caller.ok("deleteTableRow", rowId=thread["rowId"])

        assert caller.state.table("Contacts").comments == {}
        assert "row not found" in await caller.refused("getTableValueComments", **thread)

    async def test_other_fields_and_unknown_remarks_are_refused(self):
        caller = make_caller()
        thread = await self._thread(caller)
        elsewhere = {**thread, "fieldId": caller.field("Name")}

        assert "field not found" in await caller.refused("getTableValueComments", **elsewhere)
        text = await caller.refused("deleteTableValueComments", **thread, commentId=9)
        assert "comment not found" in text


class TestMessages:
    async def test_a_message_is_sent_changed_and_marked_deleted(self):
        caller = make_caller()
        sent = await caller.ok("sendMsg", **BOOK, msg="Hello", uuid="u-1", linkedRowId=7)
        message_id = sent["createMessageId"]
        await caller.ok("sendMsg", **BOOK, msg="Hi", body="there", msg_id=message_id)
        await caller.ok("deleteMsg", **BOOK, msg_id=message_id)

        [last, first] = (await caller.ok("getBookMessages", **BOOK))["bookMessages"]

        assert sent["uuid"] == last["uuid"] == "u-1"
        assert (last["msg"], last["msgBody"], last["del"], last["linkedRowId"]) == (
            "Hi", "there", True, 7,
        )  # fmt: skip
        assert first["msg"] == "Book creation"

    @pytest.mark.parametrize(
        ("narrowed", "texts"),
        [
            ({}, ["three", "two", "one", "Book creation"]),
            ({"maxMessages": 2}, ["three", "two"]),
            ({"maxMessages": 2, "page": 1}, ["one", "Book creation"]),
            ({"searchString": "TWO"}, ["two"]),
            ({"smidFirst": 1}, ["three", "two"]),
            ({"smidLast": 1}, ["two", "one", "Book creation"]),
            ({"sstamp": 1}, ["three"]),
        ],
    )
    async def test_messages_can_be_narrowed(self, narrowed, texts):
        caller = make_caller()
        sent = [
            await caller.ok("sendMsg", **BOOK, msg=each) for each in ("one", "two", "three")
        ]
        # Every id and stamp of the table stands for that of the second message.
        places = {
            "sstamp": "sstamp",
            "smidFirst": "createMessageId",
            "smidLast": "createMessageId",
        }
        asked = {name: sent[1][places[name]] if name in places else each
                 for name, each in narrowed.items()}  # fmt: skip

        listed = (await caller.ok("getBookMessages", **BOOK, **asked))["bookMessages"]

        assert [each["msg"] for each in listed] == texts

    async def test_an_unknown_message_is_refused(self):
        assert "message not found" in await make_caller().refused("deleteMsg", **BOOK, msg_id=1)

    async def test_a_uuid_is_made_when_none_is_sent(self):
        answer = await make_caller().ok("sendMsg", **BOOK, msg="x")

        assert len(answer["uuid"]) == 36


class TestFiles:
    async def _upload(self, caller, *, where="body", name="jean.jpg", **changed):
        scalars = {
            **caller.keys, "req": "fileUpload", "rowId": "19974813", "fieldId": "1367386",
            "uuid": "45745c60-7b1a-11e8-9c9c-2d42b21b1a3e", **changed,
        }  # fmt: skip
        part = {"qqfile": (name, b"\xff\xd8picture", "image/jpeg")}
        how = {"data": scalars} if where == "body" else {"params": scalars}
        return (await caller.send(files=part, **how)).json()

    @pytest.mark.parametrize("where", ["body", "query"])
    async def test_a_file_makes_the_round_trip(self, where):
        caller = make_caller()

        answer = await self._upload(caller, where=where)

        for size in ("url", "gallery", "preview"):
            found = await caller.send("GET", answer[size])
            assert found.content == b"\xff\xd8picture"
        values = await caller.ok("getTableValues", catId=126173, fieldIds=[1367386])
        [[media]] = [each["value"] for each in values["tableValues"]["fields"][0]["values"]]
        assert (media["originName"], media["size"]) == ("jean.jpg", 9)

    @pytest.mark.skipif(not SAMPLES.exists(), reason="../shared is not beside this checkout")
    async def test_the_answer_is_that_of_the_vendors_fixture(self):
        real = json.loads((SAMPLES / "uploadFile.json").read_text())
        caller = make_caller()

        answer = await self._upload(caller, u_c="ttcapitester")

        live = "https://timetonic.com"
        shown = {
            key: each.replace("http://127.0.0.1", live) if isinstance(each, str) else each
            for key, each in answer.items()
        }
        assert {**{key: shown[key] for key in real}, "filesize": "43221"} == real

    async def test_documents_are_kept_beside_what_is_there(self):
        caller = make_caller()
        await self._upload(caller)
        answer = await self._upload(caller, name="offre n°1.pdf", uuid="")

        found = await caller.send("GET", answer["url"])

        assert answer["type"] == "doc"
        assert found.status_code == 200
        held = caller.state.tables[126173].columns[1367386][19974813]
        assert [each.name for each in held] == ["jean.jpg", "offre n°1.pdf"]

    @pytest.mark.parametrize(
        ("changed", "text"),
        [
            ({"rowId": "tmp1"}, "row not found"),
            ({"fieldId": "1367380"}, "field not found"),
            ({"fieldId": ""}, "field not found"),
        ],
    )
    async def test_an_upload_needs_a_row_and_a_files_field(self, changed, text):
        assert text in (await self._upload(make_caller(), **changed))["error"]

    async def test_an_upload_needs_a_file(self):
        text = await make_caller().refused("fileUpload", rowId=19974813, fieldId=1367386)

        assert "qqfile" in text

    async def test_other_parts_are_no_upload(self):
        caller = make_caller()

        answer = await caller.send(
            data={**caller.keys, "req": "fileUpload"}, files={"other": ("a.txt", b"x")}
        )

        assert "qqfile" in answer.json()["error"]

    async def test_a_missing_file_is_not_found(self):
        assert (await make_caller().send("GET", "/live/dbi/in/full/x/y")).status_code == 404

    async def test_files_may_need_a_session(self):
        caller = make_caller(files_public=False)
        answer = await self._upload(caller)

        barred = await caller.send("GET", answer["url"])
        opened = await caller.send(
            "GET", answer["url"], params={"sesskey": caller.keys["sesskey"]}
        )

        assert (barred.status_code, opened.status_code) == (403, 200)
