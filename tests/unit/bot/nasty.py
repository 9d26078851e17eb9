"""Cards of people whose names try everything."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from toolkit.model.cards import (
    ConflictCard,
    ConflictLine,
    ContactCard,
    ContactHit,
    DiffLine,
    FieldLine,
    NoteLine,
    RunCard,
    SyncCard,
    TaskLine,
)
from toolkit.model.chat_alerts import AlertState, Incident, Occurrence, Route, Storm
from toolkit.model.chat_approvals import Approval, ApprovalState, Vote
from toolkit.model.chat_people import Person, Risk, Role
from toolkit.model.events import EventKind, Severity
from toolkit.model.ids import Side

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INJECTIONS = (
    "<!channel> & <!here|x>",
    "<@U123> <#C1|sales>",
    "<https://evil.example|Click here>",
    "*bold* _it_ ~gone~ `code` ```pre```",
    "> quote\n> quote",
    ":bomb: @channel @here",
    "\u202egnp.exe",
    "\u05d0\u05d1\u05d2 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 700,
    "a" * 10_000,
    "&amp;" * 3_000,
    "<" * 4_000,
    "",
    " \n\t ",
    "{name} {0} %s",
    "\x00\x07\ud800",
)
texts = st.integers(0, len(INJECTIONS) - 1).map(INJECTIONS.__getitem__) | st.text(max_size=40)
ids = st.from_regex(r"[a-z]_[0-9a-f]{4,8}", fullmatch=True)
moments = st.none() | st.just(NOW)
counts = st.integers(0, 100_000)
values = (
    st.none()
    | texts
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        ["2026-12-24", "2026-99-99", "2026-11-23T10:00:00Z", "2026-11-23T99:00:00Z"]
    )
    | st.lists(texts, max_size=3).map(tuple)
)
shown = st.dictionaries(st.sampled_from(Side), values)
lines = st.builds(FieldLine, texts, shown)
tasks = st.builds(
    TaskLine, ids, texts, moments, st.booleans(), st.booleans(), owner=texts, contact=texts
)
task_lists = st.lists(tasks, max_size=9, unique_by=lambda task: task.id).map(tuple)
contacts = st.builds(
    ContactCard,
    ids,
    texts,
    texts,
    st.lists(lines, max_size=45).map(tuple),
    st.just({Side.HIGHLEVEL: "https://app.example/contact/1"}),
    moments,
    task_lists,
    counts,
    counts,
)
hits = st.lists(
    st.builds(ContactHit, ids, texts, texts, texts, st.frozensets(st.sampled_from(Side))),
    max_size=110,
    unique_by=lambda hit: hit.id,
)
notes = st.lists(st.builds(NoteLine, ids, texts, texts, moments), max_size=40)
conflicts = st.builds(
    ConflictCard,
    ids,
    texts,
    st.lists(
        st.builds(ConflictLine, ids, texts, values, values, values),
        min_size=1,
        max_size=40,
        unique_by=lambda line: line.id,
    ).map(tuple),
    counts,
    moments,
    texts,
)
runs = st.builds(
    RunCard,
    ids,
    texts,
    st.sampled_from(["sync", "undo", "bulk"]),
    st.sampled_from(["running", "done", "failed", "stopped", "held"]),
    counts,
    counts,
    st.none() | st.floats(0, 1e6),
    applied=counts,
    held=counts,
    conflicts=counts,
    failed=counts,
    began_at=moments,
    ended_at=moments,
    cause=texts,
    remedy=texts,
)
states = st.lists(
    st.builds(
        SyncCard,
        texts,
        moments,
        st.floats(0, 1e7),
        counts,
        counts,
        counts,
        st.booleans(),
        st.lists(counts, max_size=24).map(tuple),
    ),
    max_size=20,
    unique_by=lambda state: state.connection[:200],
).map(tuple)
diffs = st.lists(
    st.builds(
        DiffLine,
        texts,
        st.sampled_from(Side),
        texts,
        values,
        values,
        st.sampled_from(["create", "update", "delete"]),
    ),
    max_size=60,
)
users = st.sampled_from(["U1", "U2", "W9"])
approvals = st.builds(
    Approval,
    ids,
    st.just("T1"),
    texts,
    ids,
    texts,
    texts,
    users,
    st.lists(st.sampled_from(Risk), max_size=3).map(tuple),
    st.just(NOW),
    st.just(NOW + timedelta(hours=4)),
    reason=texts,
    votes=st.lists(st.builds(Vote, users, st.booleans(), st.just(NOW), texts), max_size=3).map(
        tuple
    ),
    state=st.sampled_from(ApprovalState),
)
incidents = st.builds(
    Incident,
    ids,
    st.just("T1"),
    st.just("C1"),
    ids,
    texts,
    st.sampled_from([kind.value for kind in EventKind]),
    st.sampled_from(Severity),
    st.just(NOW),
    st.just(NOW),
    rules=st.lists(texts, max_size=3).map(tuple),
    state=st.sampled_from(AlertState),
    count=counts,
    open=counts,
    acked_by=st.sampled_from(["", "U1"]),
    assigned_to=st.sampled_from(["", "U1"]),
    resolved_at=moments,
    is_reopened=st.booleans(),
    cause=texts,
)
occurrences = st.lists(st.builds(Occurrence, counts, st.just(NOW), texts), max_size=15)
storms = st.builds(Storm, moments, moments, counts, counts)
people = st.builds(
    Person, st.just("T1"), users, st.sampled_from(Role), st.sampled_from(["", "own_1"])
)
routes = st.lists(
    st.builds(Route, texts, st.just("T1"), st.just("C1")),
    max_size=14,
    unique_by=lambda route: route.name[:200],
).map(tuple)
