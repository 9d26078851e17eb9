"""Every entry of the catalogue, called by its id as a person would, on served emulators."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.flows.cli_shell import Shell
from toolkit.app.catalog import list_entries
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.serve import Sandbox, SandboxOptions

ENTRIES = list_entries()
CAPITALS = re.compile(r'"[A-Z_0-9]+"')
TWIN = ["first_name=Ada", "last_name=Byron", "company_name=Analytical Engines"]
AGENCY_ONLY = {"highlevel.locations.search"}


@pytest.fixture(scope="module")
def sandbox():
    served = Sandbox(
        SandboxOptions(contacts=40, tasks=30, notes=5, leads=12, shared=4, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def shell(sandbox, tmp_path_factory):
    """In step, but for one contact that was renamed on both sides; two may be one person."""
    typing = Shell(tmp_path_factory.mktemp("catalog") / "home", sandbox.ready_line())
    assert typing.connect().code == 0
    settings = typing.home / "hightonic.yaml"
    written = YAML().load(settings)
    written["connections"]["main"]["recipes"] = {"welcome_tasks": True}
    YAML().dump(written, settings)
    for mailbox in ("ada.byron@gmail.com", "adabyron@gmail.com"):
        told = typing.type("call", "highlevel.contacts.create", f"email={mailbox}", *TWIN)
        assert told.code == 0, told.err
    assert typing.type("sync").code == 0
    typing.rename(1)
    assert typing.type("sync", "--json").json["conflicts"] == 1
    return typing


def secrets_of(sandbox):
    ready = sandbox.ready_line()
    names = ("token", "client_secret", "refresh_token", "sesskey")
    return [system[name] for system in ready.values() for name in names if name in system]


@pytest.mark.parametrize("entry_id", ENTRIES)
def test_every_entry_is_called_with_its_example(shell, sandbox, entry_id):
    entry, token = ENTRIES[entry_id], {}
    if entry_id in AGENCY_ONLY:
        token["HIGHTONIC_HIGHLEVEL_TOKEN"] = sandbox.highlevel.issue_token(kind="company")
    sandbox.recorder.clear()

    told = shell.type("call", entry_id, "--example", "--sandbox", "--json", **token)
    if entry_id == "hightonic.pause":
        # The tests of other processes' share may have taken `hightonic.resume` with them.
        assert shell.type("resume").code == 0

    assert told.code == 0, told.err
    assert not any(secret in told.out + told.err for secret in secrets_of(sandbox))
    sent = sum(told.json["api_calls"].values())
    counted = sandbox.recorder.count()
    Draft202012Validator(entry.output_schema).validate(told.json["value"])
    assert entry.calls in (None, sent)
    if entry.output is RunReport:
        assert told.json["value"]["failures"] == []
        assert told.json["value"]["verb"] in ("retry", "sync", "apply") or sent > 0
    # Ids for an example's capitals are looked up first, with calls of their own.
    assert counted == sent or (CAPITALS.search(json.dumps(entry.example)) and counted > sent)
