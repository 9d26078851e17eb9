"""What rules may ask of contacts, from stored pairs and what was seen last."""

from __future__ import annotations

from tests.flows.world import World
from toolkit.app.rule_facts import read_facts
from toolkit.model.ids import Kind
from toolkit.store import Store


async def test_matched_contact_shows_when_highlevel_changed_it(world: World) -> None:
    with Store.open(world.home) as opened:
        store = opened.connection(world.name)
        links = store.links(Kind.CONTACT)
        matched = [each for each in links if "updated_at" not in each.base]
        book = read_facts(store, None)
        stamps = {each.id: book.find(each.id).values.get("updated_at") for each in links}

    assert matched, "the world has people on both sides from the beginning"
    assert all(stamps.values())
    for link in matched:
        changed_at = world.high.contacts[link.highlevel_id].updated_at
        assert stamps[link.id] == f"{changed_at:%Y-%m-%dT%H:%M:%SZ}"
