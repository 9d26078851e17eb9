import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from toolkit.clients.highlevel import Appointment, Contact, Note, Task
from toolkit.clients.highlevel.signatures import (
    ED25519_PUBLIC_KEY,
    RSA_PUBLIC_KEY,
    is_signed_by_highlevel,
    verify_ed25519,
    verify_rsa,
)
from toolkit.clients.highlevel.webhooks import (
    EVENT_TYPES,
    Installation,
    LocationNotice,
    read_event,
)
from toolkit.errors import MalformedAnswerError

SAMPLES = Path(__file__).parents[3].parent / "shared" / "samples"
FILES = sorted((SAMPLES / "highlevel-webhooks").glob("*.json"))
BODY = '{"type":"ContactCreate","id":"c1","name":"Zoë"}'.encode()

ED_KEY = ed25519.Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def ed_signature(body: bytes) -> str:
    return base64.b64encode(ED_KEY.sign(body)).decode()


def rsa_signature(body: bytes) -> str:
    return base64.b64encode(RSA_KEY.sign(body, padding.PKCS1v15(), SHA256())).decode()


@pytest.mark.parametrize(
    ("key", "fingerprint"),
    [
        (
            ED25519_PUBLIC_KEY,
            "5a2c1b2749d3efcc233fb27d4ab43d56b8d20818c42cd226f6c9a3ff20d3097c",
        ),
        (RSA_PUBLIC_KEY, "2f62045d413b1b7747e26770ce7f57840cbf86288cd20ceb90d299a62501fd25"),
    ],
)
def test_the_vendors_keys_have_the_published_fingerprints(key, fingerprint):
    der = load_pem_public_key(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert hashlib.sha256(der).hexdigest() == fingerprint


@pytest.mark.skipif(not FILES, reason="../shared is not beside this checkout")
@pytest.mark.parametrize(
    ("name", "key"),
    [("ed25519-x-ghl-signature", ED25519_PUBLIC_KEY), ("rsa-x-wh-signature", RSA_PUBLIC_KEY)],
)
def test_the_vendors_keys_are_those_of_the_samples(name, key):
    sample = (SAMPLES / "highlevel-webhook-keys" / f"{name}.pem").read_bytes()

    assert key.split() == sample.split()


@pytest.mark.parametrize(
    ("body", "signature", "is_good"),
    [
        (BODY, ed_signature(BODY), True),
        (BODY, f" {ed_signature(BODY)}\n", True),
        (BODY + b" ", ed_signature(BODY), False),
        (BODY, ed_signature(b""), False),
        (b"", ed_signature(b""), True),
        (BODY, "N/A", False),
        (BODY, "", False),
        (BODY, "é", False),
        (BODY, base64.b64encode(b"short").decode(), False),
    ],
    # Every process draws its own key: a signature in an id would differ between workers.
    ids=["right", "padded", "longer", "other", "empty", "n/a", "none", "umlaut", "short"],
)
def test_a_signature_holds_for_its_very_bytes_only(body, signature, is_good):
    assert verify_ed25519(body, signature, public_keys=[pem(ED_KEY)]) is is_good


def test_during_a_key_rotation_either_key_is_accepted():
    keys = [ED25519_PUBLIC_KEY, pem(RSA_KEY), pem(ED_KEY)]

    assert verify_ed25519(BODY, ed_signature(BODY), public_keys=keys)
    assert not verify_ed25519(BODY, ed_signature(BODY))
    assert verify_rsa(BODY, rsa_signature(BODY), public_keys=[RSA_PUBLIC_KEY, *keys])
    assert not verify_rsa(BODY, rsa_signature(BODY))


@pytest.mark.parametrize(
    ("headers", "rsa_keys", "is_good"),
    [
        ({"X-GHL-Signature": ed_signature(BODY)}, [], True),
        ({"x-ghl-signature": ed_signature(BODY)}, [], True),
        ({"X-WH-Signature": rsa_signature(BODY)}, [], False),
        ({"X-WH-Signature": rsa_signature(BODY)}, [pem(RSA_KEY)], True),
        (
            {"X-GHL-Signature": "N/A", "X-WH-Signature": rsa_signature(BODY)},
            [pem(RSA_KEY)],
            True,
        ),
        ({"X-GHL-Signature": rsa_signature(BODY)}, [pem(RSA_KEY)], False),
        ({}, [pem(RSA_KEY)], False),
    ],
)
def test_the_legacy_signature_counts_only_where_its_key_is_given(headers, rsa_keys, is_good):
    keys = {"ed25519_keys": [pem(ED_KEY)], "rsa_keys": rsa_keys}

    assert is_signed_by_highlevel(BODY, headers, **keys) is is_good


@pytest.mark.skipif(not FILES, reason="../shared is not beside this checkout")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_sample_of_the_vendor_is_read(file):
    event = read_event(file.read_bytes())

    assert event.type == file.stem
    assert event.location_id
    assert event.hint is not None
    assert event.hint.id


KINDS = {
    "Contact": Contact,
    "Task": Task,
    "Note": Note,
    "Appointment": Appointment,
    "Location": LocationNotice,
}


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_event_has_a_typed_hint(kind):
    record = {"id": "x1"}
    flat = {"appointment": record} if kind.startswith("Appointment") else record
    payload = {"type": kind, "locationId": "L", "appId": "a1"} | flat

    event = read_event(json.dumps(payload).encode())

    expected = next((KINDS[name] for name in KINDS if kind.startswith(name)), Installation)
    assert isinstance(event.hint, expected)
    assert getattr(event.hint, "id", "x1") == "x1"


def test_a_delivery_says_who_sent_it_when_and_for_whom():
    payload = {
        "type": "ContactDndUpdate",
        "locationId": "L",
        "id": "c1",
        "dndSettings": {"SMS": {"status": "active"}},
        "timestamp": "2026-01-01T12:00:00.000Z",
        "webhookId": "w1",
        "appId": "a1",
        "companyId": 7,
    }

    event = read_event(json.dumps(payload).encode())

    assert (event.location_id, event.event_id, event.app_id) == ("L", "w1", "a1")
    assert (event.company_id, event.sent_at) == ("7", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert isinstance(event.hint, Contact)
    assert event.hint.type is None
    assert event.hint.dnd_settings["sms"].status == "active"


def test_without_the_vendors_id_the_same_bytes_are_the_same_event():
    first, second = read_event(BODY), read_event(BODY)
    other = read_event(BODY.replace(b"c1", b"c2"))

    assert first.event_id == second.event_id != other.event_id
    assert (first.sent_at, first.app_id, first.location_id) == (None, None, "")


def test_a_task_event_may_lack_contact_and_body():
    event = read_event(b'{"type":"TaskCreate","id":"t1","locationId":"L"}')

    assert isinstance(event.hint, Task)
    assert (event.hint.contact_id, event.hint.body) == (None, None)


def test_an_event_we_do_not_know_is_read_without_a_hint():
    assert read_event(b'{"type":"PriceUpdate","locationId":"L"}').hint is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[]",
        b"{}",
        b'{"type":5}',
        b'{"type":"NoteCreate"}',
        b'{"type":"AppointmentCreate","appointment":null}',
        b'{"type":"INSTALL"}',
    ],
)
def test_what_cannot_be_read_is_malformed_and_quotes_nothing(body):
    with pytest.raises(MalformedAnswerError) as caught:
        read_event(body)

    assert caught.value.__cause__ is None
