import stat

import pytest

from tests.unit.store.conftest import as_nobody
from toolkit.errors import StateDamagedError, StateError
from toolkit.store import Store, new_key, open_vault

TOKEN = "pit-3f9c-very-secret"


@pytest.fixture
def vault(store, tmp_path):
    return open_vault(store, tmp_path, environ={})


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_comes_back_by_connection_and_name(vault):
    vault.put("main", "highlevel.token", "first")
    vault.put("main", "highlevel.token", TOKEN)
    vault.put("main", "highlevel.token.next", "coming")
    vault.put("other", "highlevel.token", "theirs")

    assert vault.get("main", "highlevel.token") == TOKEN
    assert vault.get("main", "highlevel.token.next") == "coming"
    assert vault.get("main", "timetonic.sesskey") is None
    assert vault.names("main") == ["highlevel.token", "highlevel.token.next"]
    assert vault.names("nobody") == []


def test_a_deleted_secret_is_gone(vault):
    vault.put("main", "a", TOKEN)

    vault.delete("main", "a")
    vault.delete("main", "a")

    assert vault.get("main", "a") is None


def test_no_file_and_no_repr_shows_a_secret(vault, tmp_path):
    vault.put("main", "a", TOKEN)

    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    key = (tmp_path / "key").read_text().strip()

    assert TOKEN.encode() not in stored
    assert repr(vault) == "Vault(...)"
    assert key not in repr(vault._keys)


def test_the_first_use_makes_a_key_and_says_so_once(store, tmp_path):
    first = open_vault(store, tmp_path, environ={})
    second = open_vault(store, tmp_path, environ={})

    assert f"A new key was written to {tmp_path / 'key'}" in first.warning
    assert second.warning == ""
    assert mode(tmp_path / "key") == 0o600


def test_a_key_others_could_read_is_closed_to_them(store, tmp_path, vault):
    (tmp_path / "key").chmod(0o644)

    again = open_vault(store, tmp_path, environ={})

    assert "could be read by others" in again.warning
    assert mode(tmp_path / "key") == 0o600


def test_the_environments_key_goes_before_the_file(store, tmp_path, monkeypatch):
    key = new_key()
    open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": key}).put("main", "a", TOKEN)
    monkeypatch.setenv("HIGHTONIC_KEY", f"{new_key()}, {key}")

    assert open_vault(store, tmp_path).get("main", "a") == TOKEN
    assert not (tmp_path / "key").exists()


def test_another_key_is_refused_before_anything_is_stored_under_it(store, tmp_path, vault):
    vault.put("main", "a", TOKEN)

    with pytest.raises(StateError, match="sealed with another key") as caught:
        open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": new_key()})

    assert "untouched" in caught.value.sentence


def test_a_lost_key_is_not_replaced_by_a_new_one(store, tmp_path, vault):
    vault.put("main", "a", TOKEN)
    (tmp_path / "key").unlink()

    with pytest.raises(StateError, match="key that opens the stored secrets is missing"):
        open_vault(store, tmp_path, environ={})

    assert not (tmp_path / "key").exists()


def test_an_empty_key_file_without_secrets_is_filled(store, tmp_path):
    (tmp_path / "key").write_text("")

    vault = open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": " "})

    assert vault.warning
    assert mode(tmp_path / "key") == 0o600


@pytest.mark.parametrize("content", [b"half a k", b"\xff\xfe\x00", "clé".encode()])
def test_a_key_file_that_holds_no_key_is_named(store, tmp_path, content):
    (tmp_path / "key").write_bytes(content)

    with pytest.raises(StateDamagedError, match="does not hold a key"):
        open_vault(store, tmp_path, environ={})

    assert (tmp_path / "key").read_bytes() == content


def test_a_wrong_word_in_the_environment_is_not_quoted(store, tmp_path):
    with pytest.raises(StateError) as caught:
        open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": "correct horse"})

    assert str(caught.value) == "HIGHTONIC_KEY does not hold a key"
    assert caught.value.__suppress_context__


def test_a_home_that_takes_no_key_is_named(store, others_home):
    with as_nobody(others_home), pytest.raises(StateError, match="is not allowed"):
        open_vault(store, others_home, environ={})


def test_a_rotation_seals_everything_with_the_new_key(store, tmp_path, vault):
    vault.put("main", "a", TOKEN)
    vault.put("other", "b", "theirs")
    old, new = (tmp_path / "key").read_text().strip(), new_key()

    assert vault.reencrypt(new) == 2

    assert (tmp_path / "key").read_text().split() == [new]
    assert vault.get("main", "a") == TOKEN
    assert open_vault(store, tmp_path, environ={}).get("other", "b") == "theirs"
    with pytest.raises(StateError):
        open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": old})


def test_a_rotation_of_the_environments_key_leaves_it_to_the_caller(store, tmp_path):
    old, new = new_key(), new_key()
    vault = open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": old})
    vault.put("main", "a", TOKEN)

    vault.reencrypt(new)

    assert vault.get("main", "a") == TOKEN
    assert open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": new}).get("main", "a") == TOKEN
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("dies_at", ["writing", "only_first"])
def test_a_rotation_that_dies_leaves_secrets_that_can_be_read(
    store, tmp_path, vault, monkeypatch, dies_at
):
    class PullThePlugError(BaseException):
        pass

    def pull(*_):
        raise PullThePlugError

    vault.put("main", "a", TOKEN)
    place = {
        "writing": "toolkit.store.transactions.Transactions.writing",
        "only_first": "toolkit.store.vault.KeyRing.only_first",
    }[dies_at]
    with monkeypatch.context() as patched:
        patched.setattr(place, pull)
        with pytest.raises(PullThePlugError):
            vault.reencrypt(new_key())

    again = open_vault(store, tmp_path, environ={})

    assert again.get("main", "a") == TOKEN
    again.reencrypt(new_key())
    assert len((tmp_path / "key").read_text().split()) == 1


def test_a_key_that_is_none_does_not_start_a_rotation(store, tmp_path, vault):
    vault.put("main", "a", TOKEN)

    with pytest.raises(StateError, match="does not hold a key"):
        vault.reencrypt("not a key")

    assert open_vault(store, tmp_path, environ={}).get("main", "a") == TOKEN


def test_a_full_disk_leaves_the_key_as_it_was(store, tmp_path, vault, monkeypatch):
    vault.put("main", "a", TOKEN)

    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr("toolkit.store.vault.os.fsync", full)
    with pytest.raises(StateError, match="is full"):
        vault.reencrypt(new_key())
    monkeypatch.undo()

    assert open_vault(store, tmp_path, environ={}).get("main", "a") == TOKEN


def test_secrets_outlive_the_process(tmp_path):
    with Store.open(tmp_path) as store:
        open_vault(store, tmp_path, environ={}).put("main", "a", TOKEN)

    with Store.open(tmp_path) as store:
        assert open_vault(store, tmp_path, environ={}).get("main", "a") == TOKEN
