"""One of two processes at work on one database: puts messages, reads the feed, sends.

`python -m tests.unit.bot.twin DATABASE URL TOKEN CHANNEL NAME COUNT`
"""

import asyncio
import sys
from datetime import UTC, datetime

import aiohttp

from bot.alerts.desk import AlertDesk
from bot.dispatcher import Dispatcher, Pace, SlackWire
from toolkit.model.chat_messages import Outgoing
from toolkit.store import Store

EDITS = "edited"


async def main(  # noqa: PLR0917 — its command line
    database: str, url: str, token: str, channel: str, name: str, count: str
) -> None:
    with Store.open(database) as store:
        async with aiohttp.ClientSession() as session:
            wire = SlackWire(token, base_url=url, session=session)
            pace = Pace(channel_s=0, settles_s=0)
            dispatcher = Dispatcher(store.slack, {"T1": wire}.get, pace=pace)
            desk = AlertDesk(
                store.slack, store.feed, values_of=lambda _: {}, clock=lambda: datetime.now(UTC)
            )
            number = 0
            while True:
                if number < int(count):
                    # Told again by a process that was killed, it is the same message still.
                    both = [(f"{name}{number}", ""), (EDITS, f" {name}{number}")]
                    store.slack.outbox.put(
                        [message(slot, channel, text=slot + more) for slot, more in both]
                    )
                    number += 1
                desk.read()
                desk.tick()
                sent = await dispatcher.once()
                if not sent and number == int(count) and is_done(store):
                    break
    sys.stdout.write("done\n")


def is_done(store: Store) -> bool:
    return not store.slack.outbox.counts().get("waiting")


def message(slot: str, channel: str, *, text: str) -> Outgoing:
    told = {"event_type": "hightonic_message", "event_payload": {"slot": slot}}
    return Outgoing(slot, "T1", channel, {"text": text, "metadata": told})


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
