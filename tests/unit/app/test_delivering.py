"""Messages of rules on their way out, over real connections to receivers of every temper."""

import asyncio
import hashlib
import hmac
import json
import ssl
import sys
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.app.receiver import receiving
from toolkit.app.addresses import Address
from toolkit.app.delivering import Courier, Wiring
from toolkit.app.mailbox import RETRY_AFTER_S, Mailbox, Message, messages_of
from toolkit.app.message_signing import OVERLAP, new_signing_secret, signing_secrets
from toolkit.clients.pacing import ManualClock
from toolkit.errors import StateError
from toolkit.model.automation import Firing, Happening, Send, SetFields, Trigger
from toolkit.model.events import EventKind
from toolkit.model.ids import Kind, LinkId
from toolkit.store import DeliveryState, Store, new_key, open_vault

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON = "Ada Lovelace"


@dataclass
class Office:
    """A store with a vault, and whoever brings its messages away."""

    store: Store
    key: str
    clock: ManualClock

    def __post_init__(self):
        self.memory = self.store.connection("main")
        self.vault = open_vault(self.store, ".", environ={"HIGHTONIC_KEY": self.key})
        self.mailbox = Mailbox(self.memory, self.vault, now=self.clock.now)

    def courier(self, urls, *, answer_s=5.0, transport=None, **named):
        return Courier(
            self.mailbox,
            self.memory,
            addresses={
                name: Address(name, url, **({"allow_private": True} | named))
                for name, url in urls.items()
            },
            wiring=Wiring(
                clock=self.clock,
                secrets_of=lambda name, now: signing_secrets(self.vault, "main", name, now=now),
                transport=transport,
                answer_s=answer_s,
            ),
        )

    def put(self, *numbers, to="crm", channel="url"):
        return self.mailbox.put(
            [
                Message(f"rule/{n}/0", "rule", Send(channel, to, {"who": PERSON, "n": n}))
                for n in numbers
            ]
        )

    def states(self):
        return {each.id: each.state.value for each in self.mailbox.entries(limit=None)}

    def errors(self):
        return [each.error for each in self.mailbox.entries()]

    def told(self):
        return [event.kind for event in self.memory.feed.list_events()]


# Each courier reads the machine's certificates; once is enough for the suite.
ONE_CONTEXT = cache(ssl.create_default_context)


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(ssl, "create_default_context", ONE_CONTEXT)
    clock = ManualClock(NOON)
    with Store.open(tmp_path, clock=clock.now) as store:
        yield Office(store, new_key(), clock)


async def deliver(courier, **named):
    try:
        return await courier.deliver(**named)
    finally:
        await courier.aclose()
        await courier.aclose()


async def test_a_message_arrives_signed_and_named(office):
    secret = new_signing_secret(office.vault, "main", "crm")
    async with receiving() as receiver:
        (id_,) = office.put(1)

        done = await deliver(office.courier({"crm": receiver.url("/hook?k=v")}))

    (request,) = receiver.taken
    assert (done.sent, done.failed, done.dead) == (1, 0, 0)
    assert request.path == "/hook?k=v"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-hightonic-delivery"] == id_
    assert json.loads(request.body) == {"who": PERSON, "n": 1}
    # Verified as a receiver would, with nothing of ours.
    stamp, mark = request.headers["x-hightonic-signature"].split(",")
    assert stamp == f"t={int(NOON.timestamp())}"
    signed = f"{stamp[2:]}.".encode() + request.body
    assert mark == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert office.states() == {id_: "sent"}


async def test_a_delivered_message_is_not_sent_again(office):
    async with receiving() as receiver:
        office.put(1)
        await deliver(office.courier({"crm": receiver.url()}))
        office.put(1)

        done = await deliver(office.courier({"crm": receiver.url()}))

    assert done.sent == 0
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("age", "marks"),
    [(timedelta(), 2), (OVERLAP, 2), (OVERLAP + timedelta(seconds=1), 1)],
)
async def test_the_secret_before_signs_for_another_day(office, age, marks):
    new_signing_secret(office.vault, "main", "crm")
    new_signing_secret(office.vault, "main", "crm")
    office.clock.advance(age.total_seconds())
    office.put(1)
    async with receiving() as receiver:
        await deliver(office.courier({"crm": receiver.url()}))

    assert receiver.taken[0].headers["x-hightonic-signature"].count("v1=") == marks


def test_the_first_secret_is_made_when_it_is_needed_and_stays(office):
    first = signing_secrets(office.vault, "main", "crm", now=NOON)

    assert signing_secrets(office.vault, "main", "crm", now=NOON) == first
    assert len(first[0]) > 40


@pytest.mark.parametrize(
    ("answer", "error", "state", "wait_s"),
    [
        (500, "answered 500", "waiting", 60),
        (404, "answered 404", "waiting", 60),
        (410, "answered 410: the receiver wants no more", "dead", None),
        (302, "answered 302: redirects are not followed", "waiting", 60),
        ("drop", "not reached (RemoteProtocolError)", "waiting", 60),
        ("hang", "no answer within 0.3 s", "waiting", 60),
        ("429 Slow\r\nRetry-After: 7", "answered 429", "waiting", 7),
        ("429 Slow\r\nRetry-After: 0", "answered 429", "waiting", 1),
        ("429 Slow\r\nRetry-After: soon", "answered 429", "waiting", 60),
        ("503 Later\r\nRetry-After: 9999999", "answered 503", "waiting", 86_400),
        (
            "503 Later\r\nRetry-After: Mon, 23 Nov 2026 12:02:00 GMT",
            "answered 503",
            "waiting",
            120,
        ),
    ],
)
async def test_what_a_failure_means(office, answer, error, state, wait_s):
    async with receiving([answer]) as receiver:
        (id_,) = office.put(1)

        done = await deliver(office.courier({"crm": receiver.url()}, answer_s=0.3))

        entry = office.memory.get_delivery(id_)
        assert (done.sent, done.failed, done.dead) == (0, 1, int(state == "dead"))
        assert (entry.state.value, entry.error, entry.tries) == (state, error, 1)
        assert EventKind.DELIVERY_DEAD in office.told() or state == "waiting"
        if wait_s is None:
            return
        assert entry.not_before == NOON + timedelta(seconds=wait_s)
        office.clock.advance(wait_s)
        assert (await deliver(office.courier({"crm": receiver.url()}))).sent == 1
        ids = {each.headers["x-hightonic-delivery"] for each in receiver.taken}
        assert ids == {id_}


async def test_an_answer_without_end_is_not_read(office):
    async with receiving(["drip"]) as receiver:
        office.put(1)

        done = await deliver(office.courier({"crm": receiver.url()}))

    assert done.sent == 1


async def test_a_redirect_leads_nowhere(office):
    async with receiving() as elsewhere:
        lead = f"307 Over there\r\nLocation: {elsewhere.url()}"
        async with receiving([lead]) as receiver:
            office.put(1)
            await deliver(office.courier({"crm": receiver.url()}))

        assert elsewhere.taken == []
    assert office.errors() == ["answered 307: redirects are not followed"]


async def test_a_message_dies_after_its_last_try_and_may_be_revived(office):
    async with receiving() as receiver:
        receiver.always = 500
        (id_,) = office.put(1)
        for wait_s in (*RETRY_AFTER_S, 0.0):
            await deliver(office.courier({"crm": receiver.url()}))
            office.clock.advance(wait_s)
        assert office.states() == {id_: "dead"}
        office.clock.advance(90_000)
        await deliver(office.courier({"crm": receiver.url()}))
        assert len(receiver.taken) == len(RETRY_AFTER_S) + 1

        assert office.mailbox.revive(id_[:8]) == 1
        receiver.always = 204
        await deliver(office.courier({"crm": receiver.url()}))

    assert office.states() == {id_: "sent"}
    (event,) = office.memory.feed.list_events(kinds=[EventKind.DELIVERY_DEAD])
    assert event.facts == {
        "rule": "rule",
        "to": "crm",
        "delivery": id_,
        "tries": 6,
        "error": "answered 500",
    }


async def test_a_dead_receiver_starves_no_other_and_rests(office):
    async with receiving() as good, receiving() as bad:
        bad.always = "hang"
        office.put(*range(10), to="bad")
        office.put(*range(100, 110), to="good")
        courier = office.courier({"bad": bad.url(), "good": good.url()}, answer_s=0.4)

        done = await deliver(courier)
        again = await courier.deliver()
        office.clock.advance(59)
        assert courier.due() == []
        office.clock.advance(1)
        half_open = await deliver(courier)

    # Three tries and it rests; after a minute one more, of the message that waited longest.
    assert (done.sent, done.failed, again.failed) == (10, 3, 0)
    assert half_open.failed == 1
    assert len(bad.taken) == 4


async def test_a_receiver_that_recovers_is_served_again(office):
    async with receiving([500, 500]) as receiver:
        office.put(1, 2, 3)
        courier = office.courier({"crm": receiver.url()})

        done = await deliver(courier)
        office.clock.advance(60)
        later = await deliver(courier)

    assert (done.sent, done.failed) == (1, 2)
    assert (later.sent, later.failed) == (2, 0)


async def test_a_round_ends_when_its_time_is_up(office):
    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            office.clock.advance(4)
            return httpx.Response(200)

    office.put(*range(5))

    done = await deliver(
        office.courier({"crm": "http://127.0.0.1:1/"}, transport=Slow()), limit_s=10
    )

    assert done.sent == 3


@pytest.mark.parametrize(
    ("urls", "named", "error"),
    [
        ({}, {}, "the settings have no address of that name"),
        (
            {"crm": "https://127.0.0.1:1/"},
            {"allow_private": False},
            "it leads into this machine's or a private network",
        ),
        ({"crm": "http://127.0.0.1:1/"}, {}, "not reached (ConnectError)"),
        ({"crm": "https://crm.invalid/"}, {}, "not reached (gaierror)"),
    ],
)
async def test_what_cannot_be_sent_waits(office, urls, named, error):
    office.put(1)

    done = await deliver(office.courier(urls, **named))

    assert done.failed == 1
    assert office.errors() == [error]


@pytest.mark.parametrize(("name", "sent"), [("localhost", 1), ("elsewhere.example", 0)])
async def test_a_receiver_must_be_who_its_name_says(office, tmp_path, monkeypatch, name, sent):
    """The name is looked up once and its machine called; the certificate must show the name."""
    (tmp_path / "tls").mkdir()
    context = certified(tmp_path / "tls", name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "cert.pem"))
    async with receiving(tls=context) as receiver:
        office.put(1)
        url = receiver.url().replace("http://127.0.0.1", "https://localhost")

        done = await deliver(office.courier({"crm": url}))

    assert done.sent == sent
    assert office.errors() == ([""] if sent else ["not reached (ConnectError)"])


def certified(folder, name):
    """A server's context with a certificate for a name, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_two_senders_share_the_work(office, tmp_path):
    async with receiving() as receiver:
        office.put(*range(20))
        with Store.open(tmp_path, clock=office.clock.now) as store:
            other = Office(store, office.key, office.clock)
            couriers = [each.courier({"crm": receiver.url()}) for each in (office, other)]

            done = await asyncio.gather(*(deliver(each) for each in couriers))

    assert sum(each.sent for each in done) == 20
    assert sorted(json.loads(each.body)["n"] for each in receiver.taken) == list(range(20))


async def test_a_sender_killed_before_it_could_note_leaves_the_same_message_to_another(
    office, tmp_path
):
    dying = textwrap.dedent("""
        import asyncio, os, sys
        from tests.unit.app.test_delivering import NOON, Office
        from toolkit.app.mailbox import Mailbox
        from toolkit.clients.pacing import ManualClock
        from toolkit.store import Store
        Mailbox.mark_delivered = lambda *_: os._exit(9)
        clock = ManualClock(NOON)
        home, key, url = sys.argv[1:]
        office = Office(Store.open(home, clock=clock.now), key, clock)
        asyncio.run(office.courier({"crm": url}).deliver())
    """)
    async with receiving() as receiver:
        (id_,) = office.put(1)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", dying, str(tmp_path), office.key, receiver.url()
        )
        assert await process.wait() == 9
        assert len(receiver.taken) == 1
        assert (await deliver(office.courier({"crm": receiver.url()}))).sent == 0

        office.clock.advance(60)
        assert (await deliver(office.courier({"crm": receiver.url()}))).sent == 1

    assert [each.headers["x-hightonic-delivery"] for each in receiver.taken] == [id_, id_]


async def test_a_state_that_fails_is_told_and_cuts_nobody_else_off(office, monkeypatch):
    async with receiving() as receiver:
        office.put(1, to="bad")
        office.put(2, to="good")
        take = office.mailbox.take

        def fail(channel, *, targets, limit):
            if targets == ["bad"]:
                raise StateError("The disk is full")
            return take(channel, targets=targets, limit=limit)

        monkeypatch.setattr(office.mailbox, "take", fail)
        with pytest.raises(StateError, match="disk is full"):
            await deliver(office.courier({"bad": receiver.url(), "good": receiver.url()}))

    assert len(receiver.taken) == 1


def test_what_goes_to_slack_waits_for_its_bot_and_the_feed_holds_no_text(office):
    (id_,) = office.put(1, to="#leads", channel="slack")
    office.put(1, to="#leads", channel="slack")

    (event,) = office.memory.feed.list_events()
    assert event.kind is EventKind.AUTOMATION_POST
    assert event.facts == {"rule": "rule", "channel": "#leads", "delivery": id_}
    assert PERSON not in repr(event)
    (letter,) = office.mailbox.take("slack")
    assert letter.body["who"] == PERSON
    assert office.mailbox.take("slack") == []
    assert not office.mailbox.mark_undelivered(letter.entry, "Slack is down", wait_s=5)
    office.clock.advance(5)
    office.mailbox.mark_delivered([each.id for each in office.mailbox.take("slack")])
    assert office.mailbox.counts()[DeliveryState.SENT] == 1


def test_bodies_are_sealed_on_the_disk(office, tmp_path):
    office.put(1)

    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir() if each.is_file())
    assert PERSON.encode() not in stored


def test_messages_are_named_by_firing_and_place():
    happening = Happening("contact_created:l1", Trigger.CONTACT_CREATED, NOON, LinkId("l1"))
    send = Send("url", "crm", {}, LinkId("l1"))
    firing = Firing("r", happening, (SetFields(LinkId("l1"), Kind.CONTACT, {}), send, send))

    assert [each.once for each in messages_of([firing])] == [
        "r/contact_created:l1/1",
        "r/contact_created:l1/2",
    ]


def test_a_post_about_a_contact_names_its_pair(office):
    office.mailbox.put([Message("a", "rule", Send("slack", "#a", {}, LinkId("l1")))])

    (event,) = office.memory.feed.list_events()
    assert [each.link_id for each in event.subjects] == ["l1"]
