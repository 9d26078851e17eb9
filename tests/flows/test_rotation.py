"""Keys replaced while both are good, from the command line and under a running service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.cli_shell import Shell, Told
from toolkit.app.credentials import HIGHLEVEL_TOKEN, TIMETONIC_SESSKEY
from toolkit.app.home import Home
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel.auth import SCOPES, Grant
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Lease, Store, new_key, open_vault
from toolkit.store.schema import secret

NEW = "pit-new-0000-1111"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    served = Sandbox(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=1, shared=0, rate_limit=False)
    )
    served.start()
    yield served
    served.stop()


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Iterator[Shell]:
    state = sandbox.highlevel.state
    grant = Grant("pit", SCOPES, state.location_id, key="new")
    state.keyring.add(NEW, grant)
    found = Shell(tmp_path / "home", sandbox.ready_line())
    assert found.connect().code == 0
    yield found
    sandbox.faults.set([])


def stored(shell: Shell) -> dict[str, str | None]:
    with Store.open(shell.home) as store:
        vault = open_vault(store, shell.home, environ={})
        return {name: vault.get("main", name) for name in vault.names("main")}


def rotate(shell: Shell, key: str = NEW, side: str = "highlevel") -> Told:
    return shell.type("rotate", side, "--stdin", stdin=key + "\n")


def second_sesskey(sandbox: Sandbox) -> str:
    state = sandbox.timetonic.state
    session = next(iter(state.sessions.values()))
    other = type(session)(**{**_fields(session), "sesskey": "second-session-key"})
    state.sessions[other.sesskey] = other
    return other.sesskey


def _fields(session: object) -> dict[str, object]:
    return {name: getattr(session, name) for name in session.__dataclass_fields__}


def test_new_token_is_tried_promoted_and_used(shell: Shell, sandbox: Sandbox) -> None:
    told = rotate(shell)

    assert told.code == 0, told.err
    assert "7 days" in told.out
    assert "The next rotation is due by" in told.out
    assert stored(shell)[HIGHLEVEL_TOKEN] == NEW
    assert f"{HIGHLEVEL_TOKEN}.next" not in stored(shell)
    assert NEW not in told.out + told.err
    assert shell.type("sync").code == 0


def test_new_session_key_is_tried_promoted_and_used(shell: Shell, sandbox: Sandbox) -> None:
    key = second_sesskey(sandbox)

    told = shell.type("rotate", "timetonic", "--json", HIGHTONIC_TIMETONIC_SESSKEY_NEXT=key)

    assert told.code == 0, told.err
    assert "session key" in told.json["done"][0]
    assert stored(shell)[TIMETONIC_SESSKEY] == key
    assert shell.type("sync").code == 0


def test_refused_key_is_forgotten_and_the_old_one_stays(shell: Shell) -> None:
    before = stored(shell)

    told = rotate(shell, "pit-mistyped")

    assert told.code == 1
    assert "The key in use was not changed" in told.err
    assert "pit-mistyped" not in told.err
    assert stored(shell) == before


def test_broken_off_rotation_goes_on_with_the_stored_key(
    shell: Shell, sandbox: Sandbox
) -> None:
    sandbox.faults.set([Fault(FaultKind.TOO_MANY_TODAY, system="highlevel", times=0)])
    broken = rotate(shell)
    between = stored(shell)
    sandbox.faults.set([])

    again = shell.type("rotate", "highlevel")

    assert broken.code == 1
    assert "it goes on with it" in broken.err
    assert between[f"{HIGHLEVEL_TOKEN}.next"] == NEW
    assert again.code == 0, again.err
    assert "Going on with the token" in again.out
    assert stored(shell)[HIGHLEVEL_TOKEN] == NEW


@pytest.mark.parametrize(
    ("variables", "key", "expected"),
    [
        ({}, "", "No new HighLevel private integration token was given"),
        ({}, "same", "in use already"),
        ({"HIGHTONIC_HIGHLEVEL_TOKEN": "x"}, NEW, "comes from HIGHTONIC_HIGHLEVEL_TOKEN"),
    ],
)
def test_what_cannot_be_rotated_is_said_and_changes_nothing(
    shell: Shell, variables: dict[str, str], key: str, expected: str
) -> None:
    before = stored(shell)
    given = shell.ready["highlevel"]["token"] if key == "same" else key

    told = shell.type("rotate", "highlevel", "--stdin", stdin=given + "\n", **variables)

    assert told.code == 2
    assert expected in told.err
    assert stored(shell) == before


def test_connection_without_a_key_is_sent_to_connect(shell: Shell) -> None:
    with Store.open(shell.home) as store:
        open_vault(store, shell.home, environ={}).delete("main", HIGHLEVEL_TOKEN)

    told = rotate(shell)

    assert told.code == 2
    assert "hightonic connect highlevel" in told.err


def test_connection_by_consent_needs_no_rotation(shell: Shell) -> None:
    with Store.open(shell.home) as store:
        open_vault(store, shell.home, environ={}).put("main", "highlevel.oauth", "{}")

    told = rotate(shell)

    assert told.code == 2
    assert "renew themselves" in told.err


async def test_running_service_survives_the_end_of_the_old_token(
    shell: Shell, sandbox: Sandbox
) -> None:
    state, old = sandbox.highlevel.state, shell.ready["highlevel"]["token"]
    async with serving(Home(shell.home), ServeOptions(port=0)) as running:
        told = await asyncio.to_thread(rotate, shell)
        grant = state.keyring.grants[old]
        state.keyring.revoke(old)
        try:
            (desk,) = running.service.desks.values()
            location = await desk.parts.highlevel.locations.get()
        finally:
            state.keyring.add(old, grant)

    assert told.code == 0, told.err
    assert location.id == state.location_id


def test_doctor_says_which_key_is_due(shell: Shell) -> None:
    assert "key age" not in shell.type("doctor").out
    with Store.open(shell.home) as store, store.transactions.writing() as connection:
        at = store.surroundings.clock() - timedelta(days=80)
        connection.execute(
            secret.update().where(secret.c.name == HIGHLEVEL_TOKEN).values(at=at)
        )

    told = shell.type("doctor")

    assert told.code == 0
    assert "It is 80 days old" in told.out
    assert "hightonic rotate highlevel" in told.out
    assert "TimeTonic key age" not in told.out


def test_vault_key_is_replaced(shell: Shell) -> None:
    before, key = stored(shell), (shell.home / "key").read_text()

    told = shell.type("rotate", "key", "--json")

    assert told.code == 0, told.err
    assert f"{len(before)} secrets" in told.json["done"][0]
    assert (shell.home / "key").read_text() != key
    assert stored(shell) == before


def test_vault_key_stays_while_somebody_works(shell: Shell) -> None:
    key = (shell.home / "key").read_text()

    with Lease(shell.home, purpose="serve"):
        told = shell.type("rotate", "key")

    assert told.code == 1
    assert "serve" in told.err
    assert (shell.home / "key").read_text() == key


def test_key_of_the_variable_is_replaced_by_the_caller(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    old, new = new_key(), new_key()
    shell = Shell(tmp_path / "other", sandbox.ready_line())
    ready = tmp_path / "ready.json"
    import json

    ready.write_text(json.dumps(shell.ready))
    assert shell.type("connect", "sandbox", "--from", str(ready), HIGHTONIC_KEY=old).code == 0

    refused = shell.type("rotate", "key", HIGHTONIC_KEY=old)
    done = shell.type("rotate", "key", HIGHTONIC_KEY=f"{new},{old}")

    assert refused.code == 2
    assert "one key only" in refused.err
    assert "Take the other keys out" in done.out
    assert shell.type("doctor", HIGHTONIC_KEY=new).code == 0
    assert not (shell.home / "key").exists()
