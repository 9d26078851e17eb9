import logging
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from tests.unit.clients.timetonic_service import SESSKEY, URL, Service, client, nok, ok, router
from toolkit.clients.pacing import ManualClock
from toolkit.clients.timetonic import (
    Doorway,
    Effect,
    MonthlyCounter,
    MonthlyUse,
    ReloadedSesskey,
    TimeTonic,
)
from toolkit.clients.timetonic.files import Files
from toolkit.clients.timetonic.talk import Event, Messages
from toolkit.errors import (
    CredentialsError,
    MalformedAnswerError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    UnknownOutcomeError,
    UseError,
)

PASSWORD = "correct horse battery"
UUID_1 = UUID(int=1)
BOOK = {
    "b_c": "crm",
    "b_o": "acme",
    "sstamp": "17014198397562",
    "archived": False,
    "del": "1",
    "description": None,
    "members": [{"u_c": "a", "apiRight": "1"}, {"u_c": "b", "apiRight": "0"}],
    "ownerPrefs": {"title": "CRM", "oCoverImg": "/dev/dbi/in/tb/u/cover.jpg"},
    "nbMsgs": 4,
}
MESSAGE = {"smid": 5, "uuid": "u", "msg": "secret words", "u_c": "a", "created": 1701372174}


@pytest.fixture
def service():
    with router() as mocked:
        yield Service(mocked)


async def test_user_is_read_in_both_spellings(service):
    prefs = {"fname": "Ada", "lname": "L", "mail1": "a@x.org", "lang": "fr", "tz": "Europe/Paris",
             "twoFactor": "1"}  # fmt: skip
    service.on("getUserInfo", ok(userInfo={"uC": "ada", "nbBooks": "3", "userPrefs": prefs}))

    async with client() as tonic:
        user = await tonic.user.get()

    assert (user.code, user.first_name, user.book_count) == ("ada", "Ada", 3)
    assert (user.time_zone, user.has_two_factor) == ("Europe/Paris", True)
    assert "a@x.org" not in repr(user)
    assert "b_c" not in service.only("getUserInfo")


async def test_user_without_a_code_is_the_one_who_asked(service):
    service.on("getUserInfo", ok(userInfo={"userPrefs": []}))

    async with client() as tonic:
        assert (await tonic.user.get()).code == "api_acme"


async def test_answer_without_a_user_is_malformed(service):
    service.on("getUserInfo", ok())

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.user.get()


async def test_books_are_listed(service):
    bare = {"b_c": "x", "b_o": "y", "members": [], "ownerPrefs": []}
    service.on("getAllBooks", ok(allBooks={"books": [BOOK, bare]}))

    async with client() as tonic:
        first, second = await tonic.books.list_books(since_stamp=5)

    assert (first.title, first.stamp, first.is_deleted) == ("CRM", 17014198397562, True)
    assert (first.members, first.api_members) == (("a", "b"), {"a"})
    assert first.cover_path == "/live/dbi/in/tb/u/cover.jpg"
    assert (second.title, second.cover_path, second.stamp) == ("x", "", None)
    form = service.only("getAllBooks")
    assert form["sstamp"] == "5"
    assert "b_c" not in form


async def test_own_book_is_the_default_and_another_can_be_named(service):
    service.on("getBookInfo", ok(book=BOOK))

    async with client() as tonic:
        assert (await tonic.books.get_book()).owner == "acme"
        await tonic.books.get_book(owner="y", code="x")

    own, other = service.sent("getBookInfo")
    assert (own["b_o"], own["b_c"], other["b_o"], other["b_c"]) == ("acme", "crm", "y", "x")


async def test_missing_book_is_not_found(service):
    service.on("getBookInfo", ok(book=[]))

    async with client() as tonic:
        with pytest.raises(NotFoundError):
            await tonic.books.get_book()


@pytest.mark.parametrize("named", [{"owner": "y"}, {"code": "x"}])
async def test_half_a_book_is_refused(service, named):
    async with client() as tonic:
        with pytest.raises(UseError):
            await tonic.books.get_book(**named)


async def test_client_without_a_book_needs_one_named(service):
    async with client(book_code=None) as tonic:
        with pytest.raises(UseError):
            await tonic.books.get_book()


@pytest.mark.parametrize("content", [{"comments": [1]}, []])
async def test_comments_of_a_cell_are_read(service, content):
    service.on("getTableValueComments", ok(data=content, rowId="7", fieldId=112))

    async with client() as tonic:
        comments = await tonic.comments.get(7, 112)

    assert (comments.row_id, comments.field_id) == (7, 112)
    assert comments.content == (content or None)


async def test_comments_are_edited_and_deleted(service):
    service.on("editTableValueComments", httpx.ReadError("cut"), ok())
    service.on("deleteTableValueComments", ok())

    async with client() as tonic:
        await tonic.comments.edit(7, 112, comment_id=3, text="new")
        await tonic.comments.delete(7, 112, comment_id=3)

    assert service.sent("editTableValueComments")[1]["comment"] == "new"
    assert service.only("deleteTableValueComments")["commentId"] == "3"


async def test_messages_are_listed_without_showing_them_in_logs(service):
    service.on("getBookMessages", ok(bookMessages=[MESSAGE, {"linkedRowId": 7}]))

    async with client() as tonic:
        first, second = await tonic.messages.list_messages(search="x", max_messages=2)

    assert (first.id, first.text) == (5, "secret words")
    assert first.created_at == datetime(2023, 11, 30, 19, 22, 54, tzinfo=UTC)
    assert (second.row_id, second.created_at) == (7, None)
    assert "secret" not in repr(first)
    assert service.only("getBookMessages")["searchString"] == "x"


async def test_answer_without_messages_is_malformed(service):
    service.on("getBookMessages", ok())

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.messages.list_messages()


async def test_message_with_an_event_is_sent_once(service):
    service.on("sendMsg", ok(createMessageId="9", uuid="u", created=1701372174))
    start = datetime(2026, 7, 1, 10, tzinfo=UTC)

    async with client() as tonic:
        messages = Messages(tonic.messages._caller, new_uuid=lambda: UUID_1)
        sent = await messages.send("hi", event=Event(starts_at=start, ends_at=start))

    form = service.only("sendMsg")
    assert sent.id == 9
    assert (form["msg"], form["uuid"]) == ("hi", str(UUID_1))
    assert form["event"] == (
        '{"eventStart":1782900000,"eventEnd":1782900000,"eventTimezone":"Europe/Paris"}'
    )


@pytest.mark.parametrize(("edits", "tries"), [(None, 1), (4, 2)])
async def test_only_an_edited_message_is_repeated(service, edits, tries):
    service.on("sendMsg", httpx.ReadError("cut"), ok())

    async with client() as tonic:
        if edits is None:
            with pytest.raises(UnknownOutcomeError):
                await tonic.messages.send("hi")
        else:
            await tonic.messages.send("hi", edits=edits)

    assert len(service.sent("sendMsg")) == tries


async def test_empty_message_is_refused(service):
    async with client() as tonic:
        with pytest.raises(UseError):
            await tonic.messages.send("")


async def test_file_travels_as_multipart_with_the_key_in_the_body(service):
    service.on("fileUpload", ok(uuid="u", originName="a.jpg", filesize="43221", row_id="7"))

    async with client() as tonic:
        files = Files(tonic.files._caller, new_uuid=lambda: UUID_1)
        receipt = await files.upload(7, 114, name="a.jpg", content=b"\xff\xd8")

    form = service.only("fileUpload")
    assert (form["rowId"], form["fieldId"], form["sesskey"]) == ("7", "114", SESSKEY)
    assert form["qqfile"] == b"\xff\xd8"
    assert (receipt.size_bytes, receipt.row_id, receipt.field_id) == (43221, 7, 114)
    assert receipt.url == "https://timetonic.test/live/dbi/in/full/u/a.jpg"


def test_address_of_a_file_is_escaped():
    address = client().files.address("u", "a b/ç.jpg", size="_tb")

    assert address == "https://timetonic.test/live/dbi/in/_tb/u/a%20b%2F%C3%A7.jpg"


async def test_other_sessions_are_dropped(service):
    service.on("dropAllSessions", ok())

    async with client() as tonic:
        await tonic.sessions.drop_others()

    assert service.only("dropAllSessions")["sesskey"] == SESSKEY


async def test_any_function_can_be_called(service):
    service.on("computeTableOperation", ok(result=3))

    async with client() as tonic:
        payload = await tonic.call("computeTableOperation", {"catId": 1}, effect=Effect.READ)
        assert tonic.counter.total == 1
        assert tonic.profile.page_size == 100

    assert payload["result"] == 3


@pytest.mark.parametrize("options", [{"user": ""}, {"sesskey": ""}])
def test_client_without_key_or_user_is_refused(options):
    with pytest.raises(UseError):
        client(**options)


async def test_dead_key_is_told_once(service):
    service.on("getUserInfo", nok("invalid sesskey"))

    async with client() as tonic:
        with pytest.raises(CredentialsError) as caught:
            await tonic.user.get()

    assert SESSKEY not in caught.value.sentence
    assert len(service.sent("getUserInfo")) == 1


async def test_renewed_key_is_taken_up_without_a_restart(service):
    stored = ["old", "new"]
    service.on(
        "getUserInfo",
        lambda form: ok(userInfo={}) if form["sesskey"] == "new" else nok("Session expired"),
    )

    async with client(sesskey=ReloadedSesskey(lambda: stored.pop(0))) as tonic:
        await tonic.user.get()
        await tonic.user.get()

    assert [each["sesskey"] for each in service.sent("getUserInfo")] == ["old", "new", "new"]


async def test_key_that_was_not_renewed_is_refused(service):
    service.on("getUserInfo", nok("Session expired"))

    async with client(sesskey=ReloadedSesskey(lambda: "old")) as tonic:
        with pytest.raises(CredentialsError):
            await tonic.user.get()

    assert len(service.sent("getUserInfo")) == 1


async def test_key_is_in_the_body_only_and_never_logged(service, caplog):
    caplog.set_level(logging.DEBUG)
    service.on("getUserInfo", httpx.ReadError("cut"), ok(userInfo={}))

    async with client() as tonic:
        await tonic.user.get()

    assert {str(each.url) for each in service.requests} == {URL}
    assert all(SESSKEY not in str(each.headers) for each in service.requests)
    assert SESSKEY not in caplog.text
    assert "authorization" not in service.requests[0].headers


def sign_in_scripts(service):
    service.on("createAppkey", ok(appkey="APP", id="1"))
    service.on("createOauthkey", ok(oauthkey="OAUTH", o_u="ada", id="2"))
    service.on("createSesskey", ok(sesskey="SESS", restrictions={"readonly": False}, id="3"))


async def test_three_steps_lead_to_a_session(service, caplog):
    caplog.set_level(logging.DEBUG)
    sign_in_scripts(service)

    async with Doorway(url=URL) as door:
        signed = await door.sign_in("ada@x.org", PASSWORD, app_name="desk")

    assert (signed.user, signed.sesskey, signed.oauth_key) == ("ada", "SESS", "OAUTH")
    assert signed.restrictions == {"readonly": False}
    app, oauth, session = service.forms
    assert (app["appname"], oauth["login"], oauth["pwd"], oauth["appkey"]) == (
        "desk",
        "ada@x.org",
        PASSWORD,
        "APP",
    )
    assert (session["o_u"], session["oauthkey"]) == ("ada", "OAUTH")
    assert "restrictions" not in session
    assert [PASSWORD in str(each.values()) for each in service.forms] == [False, True, False]
    assert {str(each.url) for each in service.requests} == {URL}
    kept = repr((signed, vars(door), vars(door._core), caplog.text))
    assert all(secret not in kept for secret in (PASSWORD, "OAUTH", "SESS"))


async def test_kept_key_opens_a_session_without_the_password(service):
    sign_in_scripts(service)

    async with Doorway(url=URL, version="") as door:
        signed = await door.open_session("OAUTH", user="ada", restrictions="x")

    assert signed.sesskey == "SESS"
    (form,) = service.forms
    assert form["restrictions"] == "x"
    assert "version" not in form


@pytest.mark.parametrize("step", ["createAppkey", "createOauthkey", "createSesskey"])
async def test_step_without_a_key_is_malformed(service, step):
    sign_in_scripts(service)
    service.on(step, ok())

    async with Doorway(url=URL) as door:
        with pytest.raises(MalformedAnswerError, match=step):
            await door.sign_in("ada", PASSWORD)


async def test_wrong_password_is_told_without_it(service):
    sign_in_scripts(service)
    service.on("createOauthkey", {"status": "nok", "error": "invalid login/pwd"})

    async with Doorway(url=URL) as door:
        with pytest.raises(CredentialsError) as caught:
            await door.sign_in("ada@x.org", PASSWORD)

    assert PASSWORD not in caught.value.sentence
    assert "ada" not in caught.value.sentence


async def test_unreachable_host_is_told_without_the_password(service):
    service.on("createAppkey", httpx.ConnectError("no"))

    async with Doorway(url=URL) as door:
        with pytest.raises(NotReachedError):
            await door.sign_in("ada", PASSWORD)


@pytest.mark.parametrize(
    ("limit", "use", "remaining"),
    [
        (None, None, None),
        (5, None, 5),
        (5, MonthlyUse("2026-01", 3), 2),
        (5, MonthlyUse("2026-01", 9), 0),
        (5, MonthlyUse("2025-12", 5), 5),
    ],
)
def test_month_starts_with_its_own_count(limit, use, remaining):
    assert MonthlyCounter(clock=ManualClock(), limit=limit, use=use).remaining == remaining


async def test_every_try_counts_and_the_one_too_many_is_not_sent(service):
    saved = []
    monthly = MonthlyCounter(clock=ManualClock(), limit=2, save=saved.append)
    service.on("getUserInfo", httpx.ReadError("cut"), ok(userInfo={}))

    async with client(monthly=monthly) as tonic:
        await tonic.user.get()
        with pytest.raises(QuotaExhaustedError):
            await tonic.user.get()

    assert saved == [MonthlyUse("2026-01", 1), MonthlyUse("2026-01", 2)]
    assert len(service.requests) == 2


async def test_new_month_starts_again(service):
    clock = ManualClock(datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    monthly = MonthlyCounter(clock=clock, limit=1)
    service.on("getUserInfo", ok(userInfo={}))

    async with client(clock=clock, monthly=monthly) as tonic:
        await tonic.user.get()
        clock.advance(3600)
        await tonic.user.get()

    assert monthly.use == MonthlyUse("2026-02", 1)


async def test_counter_of_the_client_has_no_limit(service):
    service.on("getUserInfo", ok(userInfo={}))

    async with TimeTonic(SESSKEY, user="u", url=URL) as tonic:
        await tonic.user.get()

    assert tonic.monthly.use.calls == 1
    assert tonic.monthly.remaining is None
