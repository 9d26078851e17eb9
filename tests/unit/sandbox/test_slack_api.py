"""The emulated Web API: what it takes, what it refuses, in Slack's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.sandbox.slack_caller import (
    ANNA,
    APP_TOKEN,
    BOT_TOKEN,
    BRUNO,
    GENERAL,
    GINA,
    OPS,
    PRIVATE,
    SHARED,
    Caller,
    buttons,
    make,
    modal,
    plain,
    section,
)
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.slack.people import Team
from toolkit.sandbox.slack.seeding import CLIENT, USER_TOKEN


@pytest.fixture
def call() -> Caller:
    return make()


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("unknown method", "chat.shout", {}, "unknown_method"),
    ("no channel", "chat.postMessage", {"text": "x"}, "invalid_arguments"),
    (
        "unknown channel",
        "chat.postMessage",
        {"channel": "C9", "text": "x"},
        "channel_not_found",
    ),
    ("nothing to say", "chat.postMessage", {"channel": OPS}, "no_text"),
    (
        "odd blocks",
        "chat.postMessage",
        {"channel": OPS, "blocks": "["},
        "invalid_blocks_format",
    ),
    (
        "odd metadata",
        "chat.postMessage",
        {"channel": OPS, "text": "x", "metadata": "{"},
        "invalid_metadata_format",
    ),
    (
        "metadata without type",
        "chat.postMessage",
        {"channel": OPS, "text": "x", "metadata": {"a": 1}},
        "invalid_metadata_schema",
    ),
    (
        "metadata too large",
        "chat.postMessage",
        {
            "channel": OPS,
            "text": "x",
            "metadata": {"event_type": "a", "event_payload": {"a": "x" * 9000}},
        },
        "metadata_too_large",
    ),
    (
        "no thread",
        "chat.postMessage",
        {"channel": OPS, "text": "x", "thread_ts": "1.1"},
        "thread_not_found",
    ),
    (
        "no message",
        "chat.update",
        {"channel": OPS, "ts": "1.1", "text": "x"},
        "message_not_found",
    ),
    ("no message to delete", "chat.delete", {"channel": OPS, "ts": "1.1"}, "message_not_found"),
    (
        "no permalink",
        "chat.getPermalink",
        {"channel": OPS, "message_ts": "1.1"},
        "message_not_found",
    ),
    (
        "outsider",
        "chat.postEphemeral",
        {"channel": PRIVATE, "user": BRUNO, "text": "x"},
        "user_not_in_channel",
    ),
    ("no user", "users.info", {"user": "U9"}, "user_not_found"),
    ("no such e-mail", "users.lookupByEmail", {"email": "no@x.test"}, "users_not_found"),
    (
        "external e-mail",
        "users.lookupByEmail",
        {"email": "ezra@elsewhere.test"},
        "users_not_found",
    ),
    ("odd types", "conversations.list", {"types": "all"}, "invalid_types"),
    ("odd limit", "conversations.list", {"limit": 0}, "invalid_limit"),
    ("odd cursor", "conversations.list", {"cursor": "x"}, "invalid_cursor"),
    ("odd time", "conversations.history", {"channel": OPS, "oldest": "x"}, "invalid_ts_oldest"),
    ("nobody to open", "conversations.open", {}, "users_list_not_supplied"),
    ("unknown to open", "conversations.open", {"users": "U9"}, "user_not_found"),
    ("unknown channel to open", "conversations.open", {"channel": "C9"}, "channel_not_found"),
    (
        "private to join",
        "conversations.join",
        {"channel": PRIVATE},
        "method_not_supported_for_channel_type",
    ),
    ("history from outside", "conversations.history", {"channel": GENERAL}, "not_in_channel"),
    (
        "no thread to read",
        "conversations.replies",
        {"channel": OPS, "ts": "1.1"},
        "thread_not_found",
    ),
    (
        "no trigger",
        "views.open",
        {"trigger_id": "1.2.x", "view": modal()},
        "invalid_trigger_id",
    ),
    ("no view", "views.update", {"view_id": "V9", "view": modal()}, "not_found"),
    ("no external view", "views.update", {"external_id": "e", "view": modal()}, "not_found"),
    ("home as modal", "views.publish", {"user_id": ANNA, "view": modal()}, "invalid_arguments"),
    (
        "home of nobody",
        "views.publish",
        {"user_id": "U9", "view": modal()},
        "invalid_arguments",
    ),
    ("view not given", "views.open", {"trigger_id": "x"}, "invalid_arguments"),
    ("socket for a bot", "apps.connections.open", {}, "not_allowed_token_type"),
    (
        "no unfurl",
        "chat.unfurl",
        {"channel": OPS, "ts": "1.1", "unfurls": {}},
        "cannot_find_message",
    ),
    ("no bot", "bots.info", {"bot": "B9"}, "bot_not_found"),
    ("asked for", "api.test", {"error": "my_error"}, "my_error"),
    ("wrong blocks", "blocks.validate", {"blocks": [{"type": "x"}]}, "invalid_blocks"),
    ("wrong view", "blocks.validate", {"view": {"type": "x"}}, "invalid_blocks"),
]


@pytest.mark.parametrize(
    ("method", "arguments", "error"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
async def test_refusals_are_slacks_own(
    call: Caller, method: str, arguments: dict[str, Any], error: str
) -> None:
    answer = await call(method, **arguments)

    assert (answer["ok"], answer["error"]) == (False, error)
    recorded = call.workspace.state.calls[-1]
    assert (recorded.method, recorded.error, recorded.status) == (method, error, 200)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"json": []}, "json_not_object"),
        ({"content": b"a", "headers": {"Content-Type": "text/plain"}}, "invalid_form_data"),
    ],
)
async def test_unreadable_bodies_are_told_apart(
    call: Caller, body: dict[str, Any], error: str
) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", **body.pop("headers", {})}
    answer = await call.send("auth.test", token="", **body) if "json" in body else None
    if answer is None:
        import httpx

        from toolkit.sandbox.common import InProcessTransport

        transport = InProcessTransport(call.workspace.emulator.app)
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.post(
                "http://s.invalid/api/auth.test", headers=headers, **body
            )

    assert answer.json()["error"] == error


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")]
)
async def test_tokens_are_checked(call: Caller, token: str, error: str) -> None:
    assert (await call("auth.test", token=token))["error"] == error


async def test_forms_json_and_multipart_say_the_same(call: Caller) -> None:
    fields = {"channel": OPS, "text": "x", "token": BOT_TOKEN, "blocks": ""}

    as_form = await call.send("chat.postMessage", token="", data=fields)
    as_parts = await call.send(
        "chat.postMessage", token="", data=fields, files={"file": ("a.txt", b"a")}
    )

    assert as_form.json()["ok"]
    assert as_parts.json()["ok"]
    assert all("token" not in one.arguments for one in call.workspace.state.calls)


@pytest.mark.parametrize(
    ("method", "arguments", "needed"),
    [
        ("chat.postMessage", {"channel": OPS, "text": "x"}, "chat:write"),
        ("users.info", {"user": ANNA}, "users:read"),
        ("users.lookupByEmail", {"email": "a"}, "users:read.email"),
        ("chat.unfurl", {}, "links:write"),
        ("reactions.add", {}, "reactions:write"),
        ("conversations.join", {"channel": OPS}, "channels:join"),
        ("conversations.info", {"channel": PRIVATE}, "groups:read"),
        ("conversations.list", {"types": "im"}, "im:read"),
        ("conversations.history", {"channel": PRIVATE}, "groups:history"),
        ("team.info", {}, "team:read"),
    ],
)
async def test_missing_scopes_are_named(
    method: str, arguments: dict[str, Any], needed: str
) -> None:
    answer = await make(scopes=("channels:read", "channels:history"))(method, **arguments)

    assert answer["error"] == "missing_scope"
    assert (answer["needed"], answer["provided"]) == (needed, "channels:history,channels:read")


async def test_public_channels_are_open_only_with_their_scope() -> None:
    plain_bot = make(scopes=("chat:write",))

    assert (await plain_bot("chat.postMessage", channel=GENERAL, text="x"))[
        "error"
    ] == "not_in_channel"
    assert (await make()("chat.postMessage", channel=GENERAL, text="x"))["ok"]


async def test_e_mail_and_locale_only_when_granted_and_asked(call: Caller) -> None:
    full = (await call("users.info", user=BRUNO, include_locale=True))["user"]
    narrow = (await make(scopes=("users:read",))("users.info", user=BRUNO))["user"]

    assert (full["profile"]["email"], full["locale"]) == ("bruno@sandbox.test", "fr-FR")
    assert "email" not in narrow["profile"]
    assert "locale" not in narrow


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("olivia", {"is_owner": True, "is_admin": True, "is_restricted": False}),
        ("adam", {"is_owner": False, "is_admin": True}),
        ("gina", {"is_restricted": True, "is_admin": False}),
        ("ezra", {"is_stranger": True, "team_id": "T0000000099"}),
        ("hightonic", {"is_bot": True}),
    ],
)
async def test_people_are_told_apart(call: Caller, name: str, flags: dict[str, Any]) -> None:
    members = (await call("users.list"))["members"]

    found = next(one for one in members if one["name"] == name)
    assert {key: found[key] for key in flags} == flags


async def test_who_am_i(call: Caller) -> None:
    bot = await call("auth.test")
    person = await call("auth.test", token=USER_TOKEN)
    app = await call("auth.test", token=APP_TOKEN)

    assert (bot["user_id"], bot["bot_id"]) == (Team().bot_user, Team().bot_id)
    assert person["user"] == "olivia"
    assert "bot_id" not in person
    assert app["app_name"] == "hightonic"
    assert (await call("bots.info"))["bot"]["user_id"] == Team().bot_user
    assert (await call("team.info"))["team"]["domain"] == "sandbox"
    assert (await call("users.lookupByEmail", email="ANNA@sandbox.test"))["user"]["id"] == ANNA


async def test_a_message_lives_and_dies(call: Caller) -> None:
    posted = await call(
        "chat.postMessage", channel="#ops", text="a &amp; b", blocks=[section()]
    )
    ts = posted["ts"]
    assert posted["message"]["blocks"][0]["block_id"]

    kept = await call("chat.update", channel=OPS, ts=ts, text="c")
    assert kept["message"]["blocks"]
    bare = await call("chat.update", channel=OPS, ts=ts, text="d", blocks=[])
    assert "blocks" not in bare["message"]
    assert bare["message"]["edited"]
    link = await call("chat.getPermalink", channel=OPS, message_ts=ts)
    assert (
        link["permalink"] == f"https://sandbox.slack.com/archives/{OPS}/p{ts.replace('.', '')}"
    )
    assert (await call("chat.delete", channel=OPS, ts=ts))["ok"]

    assert call.workspace.reads("anna", "#ops") == []


async def test_only_own_messages_can_be_changed(call: Caller) -> None:
    written = await call.workspace.types("anna", "#ops", "mine")
    ts = written.ts  # type: ignore[union-attr]

    changed = await call("chat.update", channel=OPS, ts=ts, text="x")
    deleted = await call("chat.delete", channel=OPS, ts=ts)

    assert (changed["error"], deleted["error"]) == (
        "cant_update_message",
        "cant_delete_message",
    )


async def test_ephemeral_messages_are_seen_by_one_and_cannot_be_edited(call: Caller) -> None:
    sent = await call("chat.postEphemeral", channel=OPS, user=ANNA, text="psst")

    assert call.workspace.reads("anna", "#ops") == ["psst"]
    assert call.workspace.reads("bruno", "#ops") == []
    again = await call("chat.update", channel=OPS, ts=sent["message_ts"], text="x")
    assert again["error"] == "message_not_found"


async def test_text_beyond_40000_characters_is_cut_with_a_warning(call: Caller) -> None:
    answer = await call("chat.postMessage", channel=OPS, text="x" * 40_001)

    assert len(answer["message"]["text"]) == 40_000
    assert answer["response_metadata"]["warnings"] == ["message_truncated"]


async def test_blocks_without_text_are_warned_of(call: Caller) -> None:
    answer = await call("chat.postMessage", channel=OPS, blocks=[section()])

    assert answer["warning"] == "missing_text_in_message"


async def test_archived_channels_take_nothing(call: Caller) -> None:
    await call.workspace.channels.archive("#ops")

    assert (await call("chat.postMessage", channel=OPS, text="x"))["error"] == "is_archived"
    assert (await call("conversations.join", channel=OPS))["error"] == "is_archived"
    listed = await call("conversations.list", exclude_archived=True)
    assert OPS not in [one["id"] for one in listed["channels"]]


async def test_a_removed_bot_sees_a_private_channel_no_more(call: Caller) -> None:
    call.workspace.channels.remove_bot("sales-private")

    assert (await call("chat.postMessage", channel=PRIVATE, text="x"))[
        "error"
    ] == "channel_not_found"


async def test_channels_are_listed_page_by_page(call: Caller) -> None:
    types = "public_channel,private_channel,im"
    first = await call("conversations.list", types=types, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await call("conversations.list", types=types, limit=3, cursor=cursor)
    own = await call("users.conversations", types="public_channel", user=GINA)

    assert [len(one["channels"]) for one in (first, second)] == [3, 1]
    assert second["response_metadata"]["next_cursor"] == ""
    assert [one["name"] for one in own["channels"]] == ["ops"]


async def test_channels_are_described(call: Caller) -> None:
    shared = await call("conversations.info", channel=SHARED, include_num_members=True)
    bare = await call("conversations.info", channel=OPS)
    members = await call("conversations.members", channel=PRIVATE)

    assert shared["channel"]["is_ext_shared"]
    assert shared["channel"]["num_members"] == 6
    assert "num_members" not in bare["channel"]
    assert sorted(members["members"]) == sorted(["U0000000001", ANNA, Team().bot_user])


async def test_conversations_are_opened_once(call: Caller) -> None:
    first = await call("conversations.open", users=ANNA)
    again = await call("conversations.open", users=ANNA, return_im=True)
    group = await call("conversations.open", users=f"{ANNA},{BRUNO}")
    same = await call("conversations.open", users=f"{BRUNO},{ANNA}")
    known = await call("conversations.open", channel=first["channel"]["id"])

    assert "already_open" not in first
    assert again["already_open"]
    assert again["channel"]["user"] == ANNA
    assert group["channel"] == same["channel"]
    assert known["channel"] == first["channel"]


async def test_joining_and_leaving(call: Caller) -> None:
    assert (await call("conversations.join", channel=GENERAL))["channel"]["is_member"]
    assert (await call("conversations.join", channel=GENERAL))[
        "warning"
    ] == "already_in_channel"
    leaver = make(scopes=("channels:manage",))

    assert (await leaver("conversations.leave", channel=OPS))["ok"]
    assert (await leaver("conversations.leave", channel=OPS))["not_in_channel"]


async def test_history_and_threads(call: Caller) -> None:
    root = await call("chat.postMessage", channel=OPS, text="root")
    answer = await call("chat.postMessage", channel=OPS, text="answer", thread_ts=root["ts"])
    last = await call("chat.postMessage", channel=OPS, text="last")
    await call("chat.postEphemeral", channel=OPS, user=ANNA, text="psst")

    history = await call("conversations.history", channel=OPS)
    newer = await call("conversations.history", channel=OPS, oldest=root["ts"])
    exact = await call(
        "conversations.history",
        channel=OPS,
        oldest=last["ts"],
        latest=last["ts"],
        inclusive=True,
    )
    replies = await call("conversations.replies", channel=OPS, ts=root["ts"])
    page = await call("conversations.history", channel=OPS, limit=1)

    assert [one["text"] for one in history["messages"]] == ["last", "root"]
    assert history["messages"][1]["latest_reply"] == answer["ts"]
    assert [one["text"] for one in newer["messages"]] == ["last"]
    assert [one["text"] for one in exact["messages"]] == ["last"]
    assert [one["text"] for one in replies["messages"]] == ["root", "answer"]
    assert page["has_more"]
    assert call.workspace.reads("anna", "#ops", thread_ts=root["ts"]) == ["root", "answer"]
    link = await call("chat.getPermalink", channel=OPS, message_ts=answer["ts"])
    assert link["permalink"].endswith(f"?thread_ts={root['ts']}&cid={OPS}")


async def test_reactions(call: Caller) -> None:
    ts = (await call("chat.postMessage", channel=OPS, text="x"))["ts"]
    where = {"channel": OPS, "timestamp": ts, "name": "eyes"}

    assert (await call("reactions.add", **where))["ok"]
    assert (await call("reactions.add", **where))["error"] == "already_reacted"
    found = await call("reactions.get", channel=OPS, timestamp=ts)
    assert found["message"]["reactions"] == [
        {"name": "eyes", "users": [Team().bot_user], "count": 1}
    ]
    assert (await call("reactions.remove", **where))["ok"]
    assert (await call("reactions.remove", **where))["error"] == "no_reaction"


async def test_links_unfold_where_they_were_posted(call: Caller) -> None:
    url = "https://timetonic.com/r?a=1&b=2"
    written = await call.workspace.types("anna", "#ops", f"see {url}")
    where = {"channel": OPS, "ts": written.ts}  # type: ignore[union-attr]
    unfurl_id = next(iter(call.workspace.state.unfurl_ids))

    assert (await call("chat.unfurl", **where))["error"] == "missing_unfurls"
    other = await call("chat.unfurl", **where, unfurls={"https://x.test": {"blocks": []}})
    assert other["error"] == "cannot_unfurl_url"
    odd = await call("chat.unfurl", **where, unfurls={url: "card"})
    assert odd["error"] == "invalid_unfurls_format"
    wrong = await call("chat.unfurl", **where, unfurls={url: {"blocks": [{"type": "x"}]}})
    assert wrong["error"] == "cannot_unfurl_message"
    entities = {"entities": [{"url": url}]}
    fine = await call(
        "chat.unfurl",
        unfurl_id=unfurl_id,
        source="conversations_history",
        unfurls={url: {"blocks": [section("Anna")]}},
        metadata=entities,
    )
    assert fine["ok"]
    assert call.workspace.reads("bruno", "#ops") == [f"see {url}\nAnna"]


async def test_a_trigger_opens_one_view_within_three_seconds(call: Caller) -> None:
    state = call.workspace.state
    first, late = state.new_trigger(ANNA), state.new_trigger(ANNA)

    opened = await call("views.open", trigger_id=first, view=modal())
    again = await call("views.open", trigger_id=first, view=modal())
    call.workspace.clock.advance(3.1)
    expired = await call("views.open", trigger_id=late, view=modal())

    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    assert again["error"] == "exchanged_trigger_id"
    assert expired["error"] == "expired_trigger_id"


async def test_views_stack_three_deep(call: Caller) -> None:
    new = call.workspace.state.new_trigger
    nothing = await call("views.push", trigger_id=new(ANNA), view=modal())
    root = await call("views.open", trigger_id=new(ANNA), view=modal())
    second = await call("views.push", trigger_id=new(ANNA), view=modal())
    third = await call("views.push", trigger_id=new(ANNA), view=modal())
    fourth = await call("views.push", trigger_id=new(ANNA), view=modal())

    assert nothing["error"] == "not_found"
    assert second["view"]["previous_view_id"] == root["view"]["id"]
    assert third["view"]["root_view_id"] == root["view"]["id"]
    assert fourth["error"] == "push_limit_reached"


async def test_updating_a_view_guards_by_hash_and_keeps_what_was_typed(call: Caller) -> None:
    field = {
        "type": "input",
        "block_id": "b",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "action_id": "a"},
    }
    view = modal(field, submit=plain("Save"), external_id="draft")
    trigger = call.workspace.state.new_trigger(ANNA)
    opened = (await call("views.open", trigger_id=trigger, view=view))["view"]
    await call.workspace.fills("anna", {"Name": "typed"})

    stale = await call("views.update", view_id=opened["id"], hash="1.x", view=view)
    fresh = await call(
        "views.update",
        external_id="draft",
        hash=opened["hash"],
        view={**view, "title": plain("New")},
    )

    assert stale["error"] == "hash_conflict"
    assert fresh["view"]["state"]["values"]["b"]["a"]["value"] == "typed"
    assert fresh["view"]["hash"] != opened["hash"]


async def test_views_may_not_be_too_large_nor_share_an_external_id(call: Caller) -> None:
    new = call.workspace.state.new_trigger
    heavy = [section("x" * 2900) for _ in range(100)]
    await call("views.open", trigger_id=new(ANNA), view=modal(external_id="e"))

    same = await call("views.open", trigger_id=new(BRUNO), view=modal(external_id="e"))
    large = await call("views.open", trigger_id=new(BRUNO), view=modal(*heavy))

    assert (same["error"], large["error"]) == ("duplicate_external_id", "view_too_large")


async def test_home_tabs_keep_their_id_and_guard_by_hash(call: Caller) -> None:
    home = {"type": "home", "blocks": [section()]}

    first = (await call("views.publish", user_id=ANNA, view=home))["view"]
    stale = await call("views.publish", user_id=ANNA, view=home, hash="1.x")
    second = (await call("views.publish", user_id=ANNA, view=home, hash=first["hash"]))["view"]
    without = await make(has_home=False)("views.publish", user_id=ANNA, view=home)

    assert stale["error"] == "hash_conflict"
    assert first["id"] == second["id"]
    assert without["error"] == "not_enabled"


async def test_wrong_views_are_named_by_pointer(call: Caller) -> None:
    trigger = call.workspace.state.new_trigger(ANNA)
    answer = await call("views.open", trigger_id=trigger, view=modal(title=plain("x" * 25)))

    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


async def test_sockets_are_for_app_tokens_in_socket_mode(call: Caller) -> None:
    opened = await call("apps.connections.open", token=APP_TOKEN)
    off = await make(is_socket_mode=False)("apps.connections.open", token=APP_TOKEN)

    assert opened["url"].startswith("ws://slack.invalid/link?ticket=")
    assert off["error"] == "socket_mode_not_enabled"


async def test_installing_gives_a_token_that_works_once_per_code(call: Caller) -> None:
    keys = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    code = call.workspace.state.new_code(ANNA)

    granted = await call("oauth.v2.access", token="", code=code, **keys)
    again = await call("oauth.v2.access", token="", code=code, **keys)
    unknown = await call("oauth.v2.access", token="", code=code, client_id="x")
    forged = await call("oauth.v2.access", token="", code=code, client_id=CLIENT[0])

    assert granted["authed_user"] == {"id": ANNA}
    assert (await call("auth.test", token=granted["access_token"]))["ok"]
    assert again["error"] == "invalid_code"
    assert unknown["error"] == "invalid_client_id"
    assert forged["error"] == "bad_client_secret"


async def test_rotating_tokens_expire_and_are_refreshed_once() -> None:
    call = make(rotates_tokens=True)
    keys = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    code = call.workspace.state.new_code(ANNA)
    first = await call("oauth.v2.access", token="", code=code, **keys)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **keys}

    call.workspace.clock.advance(first["expires_in"] + 1)
    expired = await call("auth.test", token=first["access_token"])
    second = await call("oauth.v2.access", token="", **refresh)
    reused = await call("oauth.v2.access", token="", **refresh)

    assert expired["error"] == "token_expired"
    assert (await call("auth.test", token=second["access_token"]))["ok"]
    assert reused["error"] == "invalid_refresh_token"


async def test_a_removed_app_has_no_tokens(call: Caller) -> None:
    keys = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}

    assert (await call("auth.revoke", test=True))["revoked"] is False
    assert (await call("apps.uninstall", **keys))["ok"]
    assert (await call("auth.test"))["error"] == "account_inactive"


async def test_a_revoked_token_is_dead(call: Caller) -> None:
    assert (await call("auth.revoke"))["revoked"]
    assert (await call("auth.test"))["error"] == "invalid_auth"


async def test_the_validator_is_a_method_too(call: Caller) -> None:
    assert (await call("blocks.validate", blocks=[section()]))["ok"]
    assert (await call("api.test", foo="bar"))["args"] == {"foo": "bar"}


async def test_a_channel_takes_one_message_a_second() -> None:
    call = make(rate_limit=True)
    body = {"json": {"channel": OPS, "text": "x"}}

    first = await call.send("chat.postMessage", **body)
    second = await call.send("chat.postMessage", **body)
    elsewhere = await call.send("chat.postMessage", json={"channel": SHARED, "text": "x"})
    call.workspace.clock.advance(1)
    third = await call.send("chat.postMessage", **body)

    assert [one.status_code for one in (first, second, elsewhere, third)] == [
        200,
        429,
        200,
        200,
    ]
    assert second.headers["retry-after"] == "1"
    assert second.json()["error"] == "ratelimited"


async def test_methods_have_their_tiers() -> None:
    call = make(rate_limit=True)

    answers = [await call.send("users.list", json={}) for _ in range(21)]
    call.workspace.clock.advance(3)
    later = await call.send("users.list", json={})

    assert [one.status_code for one in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) == 3
    assert later.status_code == 200


async def test_errors_on_demand_come_first_and_run_out(call: Caller) -> None:
    call.workspace.refuse("chat.postMessage", "channel_not_found")
    call.workspace.refuse("chat.postMessage", "ratelimited", retry_after_s=7)
    call.workspace.refuse("chat.delete", "fatal_error")
    call.workspace.emulator.refusals.queue("chat.delete", "x")
    body = {"json": {"channel": OPS, "text": "x"}}

    answers = [await call.send("chat.postMessage", **body) for _ in range(3)]

    assert [one.json().get("error") for one in answers] == [
        "channel_not_found",
        "ratelimited",
        None,
    ]
    assert answers[1].headers["retry-after"] == "7"
    call.workspace.emulator.refusals.clear()
    assert (await call("chat.delete", channel=OPS, ts="1"))["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        (FaultKind.TOO_MANY, 429, "ratelimited"),
        (FaultKind.BROKEN_BEFORE, 500, "internal_error"),
        (FaultKind.UNAVAILABLE_BEFORE, 503, "service_unavailable"),
        (FaultKind.UNAUTHORISED, 200, "invalid_auth"),
        (FaultKind.DEADLOCK, 500, "fatal_error"),
    ],
)
async def test_fault_plans_strike_in_slacks_words(
    call: Caller, kind: FaultKind, status: int, error: str
) -> None:
    call.workspace.faults.set([Fault(kind, match="chat.postMessage", system="slack")])

    answer = await call.send("chat.postMessage", json={"channel": OPS, "text": "x"})

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert call.workspace.recorder.select(operation="chat.postMessage")[0].is_write
    assert call.workspace.reads("anna", "#ops") == []


async def test_a_post_may_be_done_and_still_fail(call: Caller) -> None:
    call.workspace.faults.set([Fault(FaultKind.BROKEN_AFTER, match="postMessage")])

    answer = await call.send("chat.postMessage", json={"channel": OPS, "text": "x"})

    assert answer.status_code == 500
    assert call.workspace.reads("anna", "#ops") == ["x"]


async def test_html_and_lost_paths(call: Caller) -> None:
    call.workspace.faults.set([Fault(FaultKind.HTML)])

    page = await call.send("auth.test", json={})
    lost = await call.posts_to("http://slack.invalid/nowhere", {})

    assert page.headers["content-type"].startswith("text/html")
    assert lost.status_code == 404


async def test_response_urls_take_five_answers_in_thirty_minutes(call: Caller) -> None:
    state = call.workspace.state
    url = state.new_response_url(ANNA, OPS)

    statuses = [(await call.posts_to(url, {"text": str(n)})).status_code for n in range(6)]
    old = state.new_response_url(ANNA, OPS)
    call.workspace.clock.advance(1801)
    expired = await call.posts_to(old, {"text": "x"})

    assert statuses == [200] * 5 + [404]
    assert (expired.status_code, expired.json()["error"]) == (404, "expired_url")
    assert call.workspace.reads("anna", "#ops") == ["0", "1", "2", "3", "4"]
    assert call.workspace.reads("bruno", "#ops") == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ([], "invalid_payload"),
        ({"text": "x", "blocks": [{"type": "x"}]}, "invalid_blocks"),
    ],
)
async def test_response_urls_refuse_what_cannot_be_shown(
    call: Caller, body: Any, error: str
) -> None:
    answer = await call.posts_to(call.workspace.state.new_response_url(ANNA, OPS), body)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_response_urls_replace_delete_and_publish(call: Caller) -> None:
    state = call.workspace.state
    ts = (await call("chat.postMessage", channel=OPS, text="root", blocks=[buttons("go")]))[
        "ts"
    ]
    url = state.new_response_url(ANNA, OPS, message_ts=ts)

    await call.posts_to(url, {"text": "new", "replace_original": True})
    await call.posts_to(url, {"text": "for all", "response_type": "in_channel"})
    assert call.workspace.reads("bruno", "#ops") == ["new", "for all"]
    await call.posts_to(url, {"delete_original": True})

    assert call.workspace.reads("bruno", "#ops") == ["for all"]


async def test_counts_for_the_control_door(call: Caller) -> None:
    await call("chat.postMessage", channel=OPS, text="x")

    assert call.workspace.state.counts() == {
        "people": 7,
        "channels": 4,
        "messages": 1,
        "views": 0,
    }


async def test_files_are_uploaded_in_three_steps(call: Caller) -> None:
    asked = await call("files.getUploadURLExternal", filename="plan.csv", length=3)
    early = await call("files.completeUploadExternal", files=[{"id": asked["file_id"]}])
    sent = await call.posts_to(asked["upload_url"], [1])
    shown = await call(
        "files.completeUploadExternal",
        files=json.dumps([{"id": asked["file_id"], "title": "The plan"}]),
        channel_id=OPS,
        initial_comment="here",
    )

    assert early["error"] == "file_not_found"
    assert (sent.status_code, sent.text) == (200, "OK - 3")
    assert shown["files"][0]["title"] == "The plan"
    assert call.workspace.reads("anna", "#ops") == ["here\n📎 The plan"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("files.getUploadURLExternal", {"filename": "a", "length": 0}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": "["}, "invalid_arguments"),
        ("files.completeUploadExternal", {}, "invalid_arguments"),
        ("usergroups.users.list", {"usergroup": "S9"}, "no_such_subteam"),
    ],
)
async def test_wrong_files_and_groups(
    call: Caller, method: str, arguments: dict[str, Any], error: str
) -> None:
    assert (await call(method, **arguments))["error"] == error


async def test_files_go_to_known_channels_and_addresses(call: Caller) -> None:
    asked = await call("files.getUploadURLExternal", filename="plan.csv", length=3)
    await call.posts_to(asked["upload_url"], [1])
    files = [{"id": asked["file_id"]}]

    elsewhere = await call("files.completeUploadExternal", files=files, channel_id=GENERAL)
    nowhere = await call.posts_to("http://slack.invalid/upload/F9", [1])

    assert elsewhere["error"] == "channel_not_found"
    assert nowhere.status_code == 404


async def test_groups_of_people(call: Caller) -> None:
    groups = (await call("usergroups.list", include_users=True))["usergroups"]
    members = (await call("usergroups.users.list", usergroup=groups[0]["id"]))["users"]

    assert groups[0]["handle"] == "operations"
    assert ANNA in members
    assert "users" not in (await call("usergroups.list"))["usergroups"][0]


async def test_a_reload_forgets_what_only_one_person_saw(call: Caller) -> None:
    await call("chat.postEphemeral", channel=OPS, user=ANNA, text="psst")
    await call("chat.postMessage", channel=OPS, text="for all")

    call.workspace.reloads("anna")

    assert call.workspace.reads("anna", "#ops") == ["for all"]
