from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.store.samples import NOON
from toolkit.errors import UseError
from toolkit.store import DeliveryState, NewDelivery, new_key, open_vault
from toolkit.store.deliveries import delivery_id

ON_BOTH_DATABASES = True
LATER = NOON + timedelta(hours=1)


def a_message(number=1, **changes):
    given = {"rule": "welcome", "channel": "url", "target": "crm", "sealed": f"sealed {number}"}
    return NewDelivery(once=f"welcome/{number}/0", **(given | changes))


def ids_of(taken):
    return [each.entry.id for each in taken]


def test_a_message_is_kept_once(memory, store):
    first = memory.put_deliveries([a_message(1), a_message(2)])
    again = memory.put_deliveries([a_message(2, sealed="other"), a_message(3)])
    memory.put_deliveries([])
    store.connection("other").put_deliveries([a_message(1)])

    assert first[1] == again[0] == delivery_id("main", "welcome/2/0")
    assert [each.id for each in memory.list_deliveries()] == [again[1], first[1], first[0]]
    assert [each.sealed for each in memory.take_deliveries("url", now=LATER)] == [
        "sealed 1",
        "sealed 2",
        "sealed 3",
    ]


@pytest.mark.parametrize(
    ("channel", "targets", "found"),
    [
        ("url", None, [1, 2]),
        ("url", ["crm"], [1]),
        ("url", ["crm", "erp"], [1, 2]),
        ("url", [], []),
        ("slack", None, [3]),
        ("pigeon", None, []),
    ],
)
def test_messages_are_taken_by_channel_and_target(memory, channel, targets, found):
    ids = memory.put_deliveries(
        [a_message(1), a_message(2, target="erp"), a_message(3, channel="slack", target="#a")]
    )

    taken = memory.take_deliveries(channel, targets=targets, now=LATER)

    assert ids_of(taken) == [ids[number - 1] for number in found]
    assert memory.due_targets("url", now=NOON) == []


def test_what_one_has_taken_no_other_takes_until_its_time_is_up(memory):
    ids = memory.put_deliveries([a_message(n) for n in range(3)])

    first = memory.take_deliveries("url", limit=2, lease_s=60, now=LATER)
    second = memory.take_deliveries("url", now=LATER)
    third = memory.take_deliveries("url", now=LATER + timedelta(seconds=60))

    assert (ids_of(first), ids_of(second)) == (ids[:2], ids[2:])
    assert ids_of(third) == ids
    assert [each.entry.tries for each in third] == [2, 2, 2]


def test_a_delivered_message_forgets_its_body(memory):
    ids = memory.put_deliveries([a_message(1), a_message(2)])
    memory.take_deliveries("url", now=LATER)

    memory.mark_delivered(ids[:1])
    memory.mark_delivered(ids[:1])
    memory.mark_undelivered(ids[0], "too late", retry_at=None)

    entry = memory.get_delivery(ids[0])
    assert (entry.state, entry.error, entry.tries) == (DeliveryState.SENT, "", 1)
    assert entry.ended_at is not None
    assert memory.delivery_counts() == {"waiting": 1, "sent": 1, "dead": 0}
    assert memory.revive_deliveries() == 0


def test_a_failed_message_waits_and_a_dead_one_can_be_revived(memory):
    ids = memory.put_deliveries([a_message(1), a_message(2), a_message(3)])
    memory.mark_undelivered(ids[0], "answered 500", retry_at=LATER)
    for each in ids[1:]:
        memory.mark_undelivered(each, "answered 410", retry_at=None)

    assert memory.get_delivery(ids[0]).not_before == LATER
    assert memory.take_deliveries("url", now=LATER - timedelta(seconds=1)) == []
    dead = memory.list_deliveries(states=[DeliveryState.DEAD])
    assert [(each.id, each.error) for each in dead] == [
        (ids[2], "answered 410"),
        (ids[1], "answered 410"),
    ]

    assert memory.revive_deliveries([ids[1]]) == 1
    assert memory.revive_deliveries() == 1
    assert memory.due_targets("url", now=LATER) == ["crm"]
    taken = memory.take_deliveries("url", now=LATER + timedelta(days=1))
    assert [(each.sealed, each.entry.tries) for each in taken] == [
        ("sealed 1", 1),
        ("sealed 2", 1),
        ("sealed 3", 1),
    ]


def test_a_message_is_found_by_the_beginning_of_its_id(memory):
    (id_,) = memory.put_deliveries([a_message()])

    assert memory.get_delivery(id_[:6]).id == id_
    for wanted in ("%", "no"):
        with pytest.raises(UseError, match="There is no message"):
            memory.get_delivery(wanted)


def test_ended_messages_are_forgotten_in_the_end(memory, ticks):
    ids = memory.put_deliveries([a_message(1), a_message(2)])
    memory.mark_delivered(ids[:1])

    assert memory.prune_deliveries(ticks.at) == 0
    assert memory.prune_deliveries(ticks.at + timedelta(seconds=1)) == 1
    assert [each.id for each in memory.list_deliveries(limit=5)] == ids[1:]


def test_a_new_key_opens_what_was_sealed_before(memory, store):
    vault = open_vault(store, Path(), environ={"HIGHTONIC_KEY": new_key()})
    memory.put_deliveries([a_message(1, sealed=vault.seal("hello")), a_message(2, sealed="")])

    both = ",".join([new_key(), *vault._keys._keys])
    renewed = open_vault(store, Path(), environ={"HIGHTONIC_KEY": both})
    renewed.reseal()

    newest = open_vault(store, Path(), environ={"HIGHTONIC_KEY": both.partition(",")[0]})
    taken = memory.take_deliveries("url", now=LATER)
    assert [each.sealed and newest.open(each.sealed) for each in taken] == ["hello", ""]
