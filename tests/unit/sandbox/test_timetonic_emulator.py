from __future__ import annotations

import contextlib
import json

import httpx
import pytest

from tests.unit.sandbox.timetonic_caller import NOW, SAMPLES, URL, make_caller
from toolkit.errors import UseError
from toolkit.sandbox.faults import Fault, FaultKind, FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.timetonic.envelope import ERRORS
from toolkit.sandbox.timetonic.stamps import Stamps, paris_text


class TestTransport:
    @pytest.mark.parametrize(
        "path", ["/live/api.php", "/live/api.php/", "/dev/api.php", "/dev/api.php/"]
    )
    @pytest.mark.parametrize(
        "place", [{"method": "GET", "where": "params"}, {"method": "POST", "where": "params"},
                  {"method": "POST", "where": "data"}, {"method": "POST", "where": "files"}],
        ids=lambda place: f"{place['method']}-{place['where']}",
    )  # fmt: skip
    async def test_every_place_of_parameters_is_read(self, path, place):
        caller = make_caller()
        sent = {**caller.keys, "req": "getUserInfo"}
        if place["where"] == "files":
            sent = {name: (None, value) for name, value in sent.items()}

        answer = await caller.send(place["method"], path, **{place["where"]: sent})

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["userInfo"]["u_c"] == "hightonic"

    async def test_the_body_wins_over_the_query(self):
        caller = make_caller()
        right, wrong = (
            {**caller.keys, "req": "getUserInfo"},
            {"req": "getAllBooks", "sesskey": "x"},
        )

        answer = await caller.send(params=wrong, data=right)

        assert answer.json()["req"] == "getUserInfo"

    async def test_unknown_parameters_blanks_and_missing_version_do_no_harm(self):
        caller = make_caller()

        answer = await caller.ok(
            "getTableValues", catId=f" {caller.tables['Contacts']}", maxRows=" 1", pageSize=9
        )

        assert answer["tableValues"]["rowInfosLength"] == 1

    async def test_no_answer_invites_a_browser(self):
        answer = await make_caller().post("getUserInfo", version="6.49q/6.49")

        assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.mark.parametrize(
        "how", [{}, {"data": {"req": "noSuchThing"}}, {"json": {"req": "x"}}]
    )
    async def test_missing_or_unknown_functions_get_a_page(self, how):
        answer = await make_caller().send(**how)

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")

    async def test_unknown_functions_may_be_answered_in_json(self):
        text = await make_caller(unknown_req="json").refused("noSuchThing")

        assert "unknown function" in text

    async def test_functions_known_by_name_alone_say_so(self):
        assert "not implemented" in await make_caller().refused("renderSmartTextField")

    async def test_a_strict_server_says_that_json_bodies_are_not_read(self):
        answer = await make_caller(json_body="refused").send(json={"req": "getUserInfo"})

        assert "JSON body" in answer.json()["error"]

    @pytest.mark.parametrize(
        ("method", "path"), [("PUT", URL), ("POST", "/live/other.php"), ("GET", "/")]
    )
    async def test_other_addresses_are_not_found(self, method, path):
        assert (await make_caller().send(method, path)).status_code == 404

    async def test_an_unreadable_multipart_body_counts_as_empty(self):
        answer = await make_caller().send(
            content=b"no boundary here",
            headers={"content-type": "multipart/form-data; boundary=x"},
        )

        assert answer.headers["content-type"].startswith("text/html")

    async def test_slashes_are_escaped_and_text_is_ascii(self):
        caller = make_caller()
        await caller.create({"Name": "a/b é"})

        answer = await caller.post("getTableValues", catId=caller.tables["Contacts"])

        assert b"a\\/b \\u00e9" in answer.content


class TestEnvelope:
    async def test_a_good_answer_has_the_whole_envelope(self):
        answer = await make_caller().ok("getAllBooks")

        assert {"status", "sstamp", "req", "createdVNB", "transactionId"} <= answer.keys()
        assert isinstance(answer["sstamp"], int)

    async def test_a_refusal_comes_with_status_200_and_all_three_error_keys(self):
        answer = await make_caller().post("getTableValues", catId=1)

        assert answer.status_code == 200
        assert {"error", "errorMsg", "errorCode", "transactionId"} <= answer.json().keys()
        assert answer.json()["status"] == "nok"

    async def test_error_texts_can_be_another_builds(self):
        caller = make_caller(error_texts={"unknown_table": "Oups"})

        assert await caller.refused("getTableValues", catId=1) == "Oups (1)"

    async def test_stamps_only_grow_even_when_the_clock_stands_still(self):
        caller = make_caller()

        stamps = [(await caller.ok("getUserInfo"))["sstamp"] for _ in range(3)]

        assert stamps == sorted(set(stamps))
        assert stamps[0] // 10_000 == int(NOW.timestamp())

    def test_stamps_are_epoch_seconds_times_ten_thousand(self):
        class Fixed:
            def now(self):
                return NOW

        stamps = Stamps(Fixed())

        assert stamps.tick() == int(NOW.timestamp()) * 10_000
        assert stamps.now() == NOW

    def test_last_modified_is_paris_time_without_offset(self):
        assert paris_text(NOW) == "2026-11-23 10:00:00"
        assert paris_text(NOW.replace(month=7)) == "2026-07-23 11:00:00"

    def test_a_setting_nobody_knows_is_named(self):
        with pytest.raises(UseError, match="date_codex"):
            make_caller(date_codex="x")

    def test_every_refusal_has_a_text_of_its_own(self):
        assert len({text for _, text in ERRORS.values()}) == len(ERRORS)


class TestSessions:
    async def _appkey(self, caller):
        return (await caller.ok("createAppkey", appname="probe"))["appkey"]

    async def _oauthkey(self, caller, **changed):
        login = {
            "login": "hightonic",
            "pwd": caller.emulator.credentials["password"],
            **changed,
        }
        return await caller.ask(
            "createOauthkey", **{"appkey": await self._appkey(caller), **login}
        )

    async def test_three_steps_give_a_working_session(self):
        caller = make_caller()
        oauth = await self._oauthkey(caller)
        session = await caller.ok("createSesskey", oauthkey=oauth["oauthkey"], o_u=oauth["o_u"])
        caller.keys["sesskey"] = session["sesskey"]

        answer = await caller.ok("getUserInfo")

        assert answer["userInfo"]["nbBooks"] == 2
        assert isinstance(oauth["id"], str)
        assert isinstance(session["id"], str)

    @pytest.mark.parametrize("name", ["createAppkey", "createOauthkey", "createSesskey"])
    @pytest.mark.skipif(not SAMPLES.exists(), reason="../shared is not beside this checkout")
    async def test_key_answers_have_the_keys_of_the_real_ones(self, name):
        caller = make_caller()
        real = json.loads((SAMPLES / f"{name}.ok.json").read_text())
        oauth = await self._oauthkey(caller)
        sent = {"oauthkey": oauth["oauthkey"], "appkey": await self._appkey(caller)}

        login = {"login": "hightonic", "pwd": caller.emulator.credentials["password"]}
        answer = await caller.ok(name, **sent, **login)

        assert real.keys() <= answer.keys()
        assert [type(answer[key]) for key in real] == [type(value) for value in real.values()]
        assert answer.get("restrictions") == real.get("restrictions")

    @pytest.mark.parametrize(
        ("changed", "text"),
        [
            ({"appkey": "wrong"}, "invalid appkey"),
            ({"pwd": "wrong"}, "invalid login/pwd"),
            ({"login": "nobody"}, "invalid login/pwd"),
        ],
    )
    async def test_a_wrong_step_is_refused_in_known_words(self, changed, text):
        answer = await self._oauthkey(make_caller(), **changed)

        assert text in answer["error"]

    async def test_an_email_logs_in_too(self):
        answer = await self._oauthkey(make_caller(), login="hightonic@example.org")

        assert answer["o_u"] == "hightonic"

    @pytest.mark.parametrize("changed", [{"oauthkey": "x"}, {"o_u": "somebody"}])
    async def test_an_oauth_key_is_its_owners(self, changed):
        caller = make_caller()
        oauth = await self._oauthkey(caller)

        text = await caller.refused(
            "createSesskey", **{"oauthkey": oauth["oauthkey"], **changed}
        )

        assert "oauthkey" in text

    async def test_two_factor_accounts_cannot_log_in_here(self):
        assert (await self._oauthkey(make_caller(two_factor=True)))["status"] == "nok"

    @pytest.mark.parametrize(
        "changed", [{"sesskey": "x"}, {"sesskey": ""}, {"o_u": "ttcapitester"}]
    )
    async def test_a_session_key_is_its_owners(self, changed):
        assert "sesskey" in await make_caller().refused("getUserInfo", **changed)

    async def test_the_status_beside_a_dead_key_is_a_switch(self):
        answer = await make_caller(auth_http_status=401).post("getUserInfo", sesskey="x")

        assert answer.status_code == 401

    async def test_dropping_sessions_spares_the_one_that_asks(self):
        caller = make_caller()
        other = caller.state.open_session("hightonic").sesskey
        stranger = caller.state.open_session("ttcapitester").sesskey

        await caller.ok("dropAllSessions")

        assert set(caller.state.sessions) >= {caller.keys["sesskey"], stranger}
        assert other not in caller.state.sessions

    async def test_sessions_can_be_expired_by_force(self):
        caller = make_caller()
        caller.state.expire_sessions()

        assert "sesskey" in await caller.refused("getUserInfo")

    async def test_the_ready_made_key_is_revived(self):
        caller = make_caller()
        key = caller.keys["sesskey"]
        caller.keys["sesskey"] = caller.state.open_session("hightonic").sesskey
        await caller.ok("dropAllSessions")

        answer = await caller.ok("getOrCreateSessKey")

        assert answer["sesskey"] == key
        assert key in caller.state.sessions

    async def test_without_strictness_nobody_is_asked(self):
        caller = make_caller(auth="lenient")
        caller.keys = {}

        assert await caller.row_ids()
        assert (await caller.ok("getAllBooks"))["allBooks"]["nbBooks"] == 2
        assert (await caller.ok("getUserInfo"))["userInfo"]["u_c"] == ""
        assert "sesskey" in await caller.refused("getOrCreateSessKey")
        await caller.ok("dropAllSessions")

    @pytest.mark.parametrize(
        ("restrictions", "req", "arguments"),
        [
            ({"readonly": True}, "createOrUpdateTableRow", {"rowId": "tmp1", "catId": 310001}),
            ({"readonly": True}, "sendMsg", {"b_c": "customers", "msg": "x"}),
            ({"hideTables": True}, "getTableValues", {"catId": 310001}),
            ({"hideMessages": True}, "getBookMessages", {"b_c": "customers"}),
            ({"carnet_code": "mochatests"}, "getTableValues", {"catId": 310001}),
            ({"carnet_code": "mochatests"}, "getBookInfo", {"b_c": "customers"}),
        ],
    )
    async def test_restricted_keys_are_held_to_it(self, restrictions, req, arguments):
        caller = make_caller()
        oauth = await self._oauthkey(caller)
        session = await caller.ok(
            "createSesskey", oauthkey=oauth["oauthkey"], restrictions=json.dumps(restrictions)
        )
        caller.keys["sesskey"] = session["sesskey"]

        assert "restricted" in await caller.refused(req, **arguments)

    async def test_unreadable_restrictions_are_refused_or_not_read(self):
        for variant, status in (("json", "nok"), ("ignored", "ok")):
            caller = make_caller(restrictions=variant)
            oauth = await self._oauthkey(caller)
            key = {"oauthkey": oauth["oauthkey"], "restrictions": "{oops"}

            assert (await caller.ask("createSesskey", **key))["status"] == status

    async def test_other_peoples_books_stay_closed(self):
        caller = make_caller()
        tester = caller.state.users["ttcapitester"]
        caller.keys = {"o_u": tester.code, "sesskey": tester.key}

        assert "no right" in await caller.refused("getTableValues", catId=310001)
        assert (await caller.ok("getAllBooks"))["allBooks"]["nbBooks"] == 1

    @pytest.mark.parametrize(("flag", "status"), [("0", "nok"), ("1", "ok")])
    async def test_the_api_right_may_gate_a_book(self, flag, status):
        caller = make_caller(api_right=flag, api_right_gates=True)

        assert (await caller.ask("getTableValues", catId=310001))["status"] == status


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (FaultKind.DEADLOCK, "Deadlock"),
            (FaultKind.QUOTA, "limit reached"),
            (FaultKind.DEAD_SESSION, "sesskey"),
        ],
    )
    async def test_some_faults_are_refusals(self, kind, text):
        caller = make_caller(faults=FaultPlan([Fault(kind)]))

        assert text in await caller.refused("getUserInfo")
        await caller.ok("getUserInfo")

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            (FaultKind.HTML, 200),
            (FaultKind.BROKEN_BEFORE, 500),
            (FaultKind.BAD_GATEWAY_BEFORE, 502),
        ],
    )
    async def test_some_faults_are_pages(self, kind, status):
        answer = await make_caller(faults=FaultPlan([Fault(kind)])).post("getUserInfo")

        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize(
        ("kind", "is_done"),
        [
            (FaultKind.CUT_BEFORE, False),
            (FaultKind.CUT_AFTER, True),
            (FaultKind.TIMEOUT_AFTER, True),
            (FaultKind.BROKEN_BEFORE, False),
            (FaultKind.BROKEN_AFTER, True),
        ],
    )
    async def test_after_commit_means_the_row_is_there(self, kind, is_done):
        caller = make_caller(faults=FaultPlan([Fault(kind, match="createOrUpdate")]))
        before = len(caller.state.table("Tasks"))

        with contextlib.suppress(httpx.TransportError):
            await caller.post(
                "createOrUpdateTableRow", rowId="tmp1", catId=caller.tables["Tasks"]
            )

        assert len(caller.state.table("Tasks")) - before == int(is_done)

    async def test_requests_are_recorded_by_function_without_keys(self):
        recorder = Recorder()
        caller = make_caller(recorder=recorder)
        await caller.send("GET", params={**caller.keys, "req": "getUserInfo"})
        await caller.send(files={name: (None, each) for name, each in
                                 {**caller.keys, "req": "sendMsg"}.items()})  # fmt: skip
        await caller.send(files={"x": (None, "y")})

        assert [each.operation for each in recorder.requests] == [
            "getUserInfo",
            "sendMsg",
            "unknown",
        ]
        assert [each.is_write for each in recorder.requests] == [False, True, False]
        assert caller.keys["sesskey"] not in repr(recorder.requests)

    async def test_the_month_has_an_end_when_asked_to(self):
        caller = make_caller(monthly_calls=2)
        await caller.ok("getUserInfo")
        await caller.ok("getUserInfo")

        assert "limit reached" in await caller.refused("getUserInfo")
        assert caller.state.counts()["calls"] == 2
