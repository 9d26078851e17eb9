"""Where the key is kept: variable, keyring, file; and what a move between them leaves."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from toolkit.errors import StateError, UseError
from toolkit.store import choose_shelf, new_key, open_vault
from toolkit.store.key_shelves import FileShelf, KeyringShelf, find_keyring

TOKEN = "pit-3f9c-very-secret"


class Memory:
    """A keyring like the system's, in this process."""

    priority = 5

    def __init__(self, *, locked=False):
        self.kept = {}
        self.locked = locked

    def get_password(self, service, username):
        self._refuse()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self._refuse()
        self.kept[service, username] = password

    def delete_password(self, service, username):
        self._refuse()
        del self.kept[service, username]

    def _refuse(self):
        if self.locked:
            raise RuntimeError("locked")


def opened(store, home, keyring, environ=()):
    return open_vault(store, home, environ=dict(environ), keyring=lambda: keyring)


def test_new_key_goes_to_the_keyring_and_no_file_is_made(store, tmp_path):
    keyring = Memory()
    first = opened(store, tmp_path, keyring)
    first.put("main", "a", TOKEN)

    assert first.warning == ""
    assert "system keyring" in first.key_place
    assert len(keyring.kept) == 1
    assert not (tmp_path / "key").exists()
    assert opened(store, tmp_path, keyring).get("main", "a") == TOKEN


def test_two_homes_have_entries_of_their_own(store, tmp_path):
    keyring = Memory()
    opened(store, tmp_path / "one", keyring)
    opened(store, tmp_path / "two", keyring)

    assert len(keyring.kept) == 2
    assert not any(str(tmp_path) in str(entry) for entry in keyring.kept)


def test_locked_keyring_gives_way_to_the_file_with_a_warning(store, tmp_path):
    vault = opened(store, tmp_path, Memory(locked=True))

    assert "key file" in vault.key_place
    assert "A new key was written" in vault.warning


def test_key_file_that_is_there_goes_on_to_be_used(store, tmp_path):
    opened(store, tmp_path, None).put("main", "a", TOKEN)
    keyring = Memory()

    assert opened(store, tmp_path, keyring).get("main", "a") == TOKEN
    assert keyring.kept == {}


def test_variable_goes_before_the_keyring(store, tmp_path):
    keyring = Memory()
    vault = opened(store, tmp_path, keyring, {"HIGHTONIC_KEY": new_key()})

    assert vault.key_place == "the variable HIGHTONIC_KEY"
    assert keyring.kept == {}


def test_key_only_the_keyring_held_is_missed_without_it(store, tmp_path):
    opened(store, tmp_path, Memory()).put("main", "a", TOKEN)

    with pytest.raises(StateError, match="is missing") as missed:
        opened(store, tmp_path, Memory())

    assert "keyring" in missed.value.sentence
    assert str(tmp_path / "key") in missed.value.sentence


@pytest.mark.parametrize(("here", "there"), [("file", "keyring"), ("keyring", "file")])
def test_key_moves_between_file_and_keyring(store, tmp_path, here, there):
    keyring = Memory()
    start = None if here == "file" else keyring
    vault = opened(store, tmp_path, start)
    vault.put("main", "a", TOKEN)

    shelf = choose_shelf(tmp_path, there, keyring=lambda: keyring)
    assert vault.reencrypt(new_key(), shelf=shelf) == 1

    assert (tmp_path / "key").exists() == (there == "file")
    assert bool(keyring.kept) == (there == "keyring")
    assert opened(store, tmp_path, keyring).get("main", "a") == TOKEN


@pytest.mark.parametrize("dies_at", ["only_first", "clear"])
@pytest.mark.parametrize("here", ["file", "keyring"])
def test_move_that_dies_leaves_secrets_that_can_be_read(
    store, tmp_path, monkeypatch, here, dies_at
):
    class PullThePlugError(BaseException):
        pass

    def pull(*_):
        raise PullThePlugError

    keyring, there = Memory(), "keyring" if here == "file" else "file"
    vault = opened(store, tmp_path, None if here == "file" else keyring)
    vault.put("main", "a", TOKEN)
    shelf = choose_shelf(tmp_path, there, keyring=lambda: keyring)
    places = {
        "only_first": ["toolkit.store.key_ring.KeyRing.only_first"],
        "clear": [
            f"toolkit.store.key_shelves.{n}.clear" for n in ("FileShelf", "KeyringShelf")
        ],
    }
    with monkeypatch.context() as patched:
        for place in places[dies_at]:
            patched.setattr(place, pull)
        with pytest.raises(PullThePlugError):
            vault.reencrypt(new_key(), shelf=shelf)

    assert opened(store, tmp_path, keyring).get("main", "a") == TOKEN


def test_keyring_that_refuses_the_new_key_leaves_the_old_one(store, tmp_path):
    vault = opened(store, tmp_path, None)
    vault.put("main", "a", TOKEN)

    with pytest.raises(StateError, match="does not take the key"):
        vault.reencrypt(new_key(), shelf=KeyringShelf(Memory(locked=True), tmp_path))

    assert opened(store, tmp_path, None).get("main", "a") == TOKEN


def test_places_to_choose_from(tmp_path):
    assert choose_shelf(tmp_path, "auto") is None
    assert isinstance(choose_shelf(tmp_path, "file"), FileShelf)
    with pytest.raises(UseError, match="No system keyring"):
        choose_shelf(tmp_path, "keyring", keyring=lambda: None)


def test_locked_keyring_is_not_cleared(tmp_path):
    KeyringShelf(Memory(locked=True), tmp_path).clear()


@pytest.mark.parametrize(
    ("library", "is_found"),
    [
        (None, False),
        (SimpleNamespace(get_keyring=Memory), True),
        (SimpleNamespace(get_keyring=lambda: SimpleNamespace(priority=0)), False),
        (SimpleNamespace(get_keyring=object), False),
        (SimpleNamespace(), False),
    ],
)
def test_only_a_keyring_that_keeps_something_counts(monkeypatch, library, is_found):
    module = None
    if library is not None:
        module = ModuleType("keyring")
        vars(module).update(vars(library))
    monkeypatch.setitem(sys.modules, "keyring", module)

    assert (find_keyring() is not None) == is_found


def test_variable_with_two_keys_seals_everything_with_the_first(store, tmp_path):
    old, new = new_key(), new_key()
    opened(store, tmp_path, None, {"HIGHTONIC_KEY": old}).put("main", "a", TOKEN)
    both = opened(store, tmp_path, None, {"HIGHTONIC_KEY": f"{new},{old}"})

    assert both.is_key_given
    assert both.reseal() == 1
    assert opened(store, tmp_path, None, {"HIGHTONIC_KEY": new}).get("main", "a") == TOKEN


def test_variable_with_one_key_cannot_seal_anew(store, tmp_path):
    vault = opened(store, tmp_path, None, {"HIGHTONIC_KEY": new_key()})

    with pytest.raises(UseError, match="one key only"):
        vault.reseal()


def test_age_stays_with_the_value_and_travels_with_a_promotion(store, tmp_path):
    vault = opened(store, tmp_path, None)
    vault.put("main", "a", TOKEN)
    begun = vault.stored_at("main")
    vault.put("main", "a", TOKEN)
    vault.put("main", "a.next", "coming")

    before = vault.stored_at("main")
    assert vault.promote("main", "a")
    after = vault.stored_at("main")

    assert before["a"] == begun["a"] < before["a.next"]
    assert after == {"a": before["a.next"]}
    assert vault.get("main", "a") == "coming"
    assert not vault.promote("main", "a")


def test_value_that_cannot_be_opened_is_replaced(store, tmp_path):
    vault = opened(store, tmp_path, None)
    vault.put("main", "a", TOKEN)
    with store.transactions.writing() as connection:
        connection.exec_driver_sql("UPDATE secret SET sealed = 'torn'")

    vault.put("main", "a", "fresh")

    assert vault.get("main", "a") == "fresh"
