"""What the Slack service finds in a home: its memory, its keys, the connections' cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.app.config import load_config
from toolkit.app.front_reading import FrontReading, Memory
from toolkit.app.front_readings import FrontReadings
from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_keys import SlackKeys
from toolkit.app.slack_memory import SlackShelf, agreed_values
from toolkit.app.slack_people import list_owners
from toolkit.clients.pacing import SystemClock
from toolkit.model.ids import Kind
from toolkit.store import Feed

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.home import Home
    from toolkit.engine.port import Clock
    from toolkit.mapping.context import Owner
    from toolkit.model.events import Event
    from toolkit.model.values import Value
    from toolkit.store import Store, Vault


@dataclass(frozen=True, slots=True)
class SlackHome:
    """Everything the service stands on; each member is safe from any thread.

    Attributes:
        keys: The app's keys, its installations by workspace, and tickets for browsers.
        shelf: What the service remembers.
        feed: What happened, in all connections; read by cursor.
        cards: Records of all connections.
        values_of: Agreed values of the record an event is about.
        owners: HighLevel's users of all connections, as read last, each once, by name.
        fields: Fields of a contact that may be named in a command.
    """

    keys: SlackKeys
    shelf: SlackShelf
    feed: Feed
    cards: FrontReadings
    values_of: Callable[[Event], Mapping[str, Value]]
    owners: Callable[[], list[Owner]]
    fields: tuple[str, ...]
    clock: Clock

    def is_wanted(self) -> bool:
        """Whether the app is in a workspace, or may be put into one by people themselves.

        Raises:
            StateError: The vault cannot be read.
        """
        return bool(self.keys.teams() or self.keys.app().client_id)


def slack_home(
    store: Store, vault: Vault, configs: Iterable[ConnectionConfig], *, clock: Clock
) -> SlackHome:
    """What these hold for Slack; nothing is read yet."""
    chosen = [*configs]
    names = [each.name for each in chosen]
    kinds = [each.mapping.kinds for each in chosen]
    contacts = [each[Kind.CONTACT] for each in kinds if Kind.CONTACT in each]
    fields = dict.fromkeys(field.name for kind in contacts for field in kind.fields)
    return SlackHome(
        keys=SlackKeys(store, vault, clock=clock),
        shelf=store.slack,
        feed=store.feed,
        cards=FrontReadings(
            FrontReading(Memory(each, store.connection(each.name), clock.now))
            for each in chosen
        ),
        values_of=lambda event: agreed_values(store, event),
        owners=lambda: list_owners(store, tuple(names)),
        fields=tuple(fields),
        clock=clock,
    )


@contextmanager
def open_slack(home: Home) -> Iterator[SlackHome]:
    """The same for a process that serves nothing else, until the block ends.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The state or the vault cannot be opened.
    """
    config = load_config(home.config_path)
    with open_whole(home) as (store, vault):
        yield slack_home(store, vault, config.connections.values(), clock=SystemClock())
