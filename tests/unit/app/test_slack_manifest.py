"""The manifest, by the rules of the emulated Slack; what is off without which scope."""

from __future__ import annotations

import io
import json

import pytest
from ruamel.yaml import YAML

from toolkit.app.slack_features import FEATURES, find_feature, missing_features
from toolkit.app.slack_manifest import choose_features, manifest_text, slack_manifest
from toolkit.errors import UseError
from toolkit.sandbox.slack import SlackApp

NEEDED = {"commands", "chat:write"}


def made(more=(), *, is_minimal=False, url="", is_distributed=False):
    features = choose_features(more, is_minimal=is_minimal)
    return slack_manifest(features, url=url, is_distributed=is_distributed)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("url", ["", "https://crm.example.com/", "http://127.0.0.1:8080"])
def test_slack_takes_the_manifest(url, as_json):
    manifest = made(url=url)
    text = manifest_text(manifest, as_json=as_json)

    read = json.loads(text) if as_json else YAML(typ="safe").load(io.StringIO(text))

    app = SlackApp.from_manifest(read)
    assert read == manifest
    assert app.commands == ("/hightonic",)
    assert app.escapes_commands
    assert app.is_socket_mode is (url == "")
    assert app.is_interactive
    assert app.has_home
    assert {"app_home_opened", "app_uninstalled", "tokens_revoked"} <= set(app.events)
    assert dict(app.shortcuts) == {
        "task_new": "global",
        "note_from_message": "message",
        "task_from_message": "message",
    }
    assert 174 <= len(manifest["display_information"]["long_description"]) <= 4000


def test_minimal_manifest_asks_for_nothing_that_is_not_needed():
    app = SlackApp.from_manifest(made(is_minimal=True))

    assert set(app.scopes) == NEEDED
    assert app.unfurl_domains == ()


@pytest.mark.parametrize("feature", [each for each in FEATURES if not each.is_needed])
def test_a_feature_brings_its_scopes_and_events_and_no_others(feature):
    app = SlackApp.from_manifest(made([feature.name], is_minimal=True))
    always = {"app_home_opened", "app_uninstalled", "tokens_revoked"}

    assert set(app.scopes) == {*NEEDED, *feature.scopes}
    assert set(app.events) == {*always, *feature.events}
    assert bool(app.unfurl_domains) is (feature.name == "links")


def test_no_manifest_reads_histories_by_default():
    assert not [scope for scope in SlackApp.from_manifest(made()).scopes if "history" in scope]


def test_with_an_address_slack_is_told_where_to_call():
    manifest = made(url="https://crm.example.com")
    settings = manifest["settings"]

    where = "https://crm.example.com/slack/events"
    assert manifest["features"]["slash_commands"][0]["url"] == where
    assert settings["event_subscriptions"]["request_url"] == where
    assert settings["interactivity"]["request_url"] == where
    assert settings["interactivity"]["message_menu_options_url"] == where
    assert manifest["oauth_config"]["redirect_urls"] == [
        "https://crm.example.com/slack/oauth_redirect"
    ]


def test_tokens_rotate_only_where_several_workspaces_install_the_app():
    url = "https://crm.example.com"

    assert SlackApp.from_manifest(made(url=url, is_distributed=True)).rotates_tokens
    assert not SlackApp.from_manifest(made(url=url)).rotates_tokens


@pytest.mark.parametrize(
    ("call", "happened"),
    [
        (lambda: made(["lists"]), "There is no feature `lists`"),
        (lambda: made(is_distributed=True), "Several workspaces install"),
        (lambda: made(url="http://crm.example.com"), "Slack calls nothing at"),
        (lambda: made(url="crm.example.com"), "Slack calls nothing at"),
    ],
)
def test_what_cannot_work_is_refused(call, happened):
    with pytest.raises(UseError, match=happened) as refused:
        call()

    assert refused.value.remedy


def test_missing_scopes_name_the_features_that_are_off_the_needed_first():
    everything = {scope for each in FEATURES for scope in each.scopes}

    assert missing_features(everything) == []
    off = missing_features(everything - {"links:write", "commands"})
    assert [each.name for each in off] == ["commands", "links"]
    assert off[1].lacks({"links:read"}) == ("links:write",)
    assert find_feature("nothing") is None
