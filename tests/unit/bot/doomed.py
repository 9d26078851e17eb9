"""A process that sends until it is killed: `python -m tests.unit.bot.doomed HOME URL TOKEN`."""

import asyncio
import sys

import aiohttp

from bot.dispatcher import Dispatcher, Pace, SlackWire
from toolkit.store import Store


async def main(home: str, url: str, token: str) -> None:
    with Store.open(home) as store:
        async with aiohttp.ClientSession() as session:
            wire = SlackWire(token, base_url=url, session=session)
            pace = Pace(channel_s=0, settles_s=0)
            dispatcher = Dispatcher(store.slack, {"T1": wire}.get, pace=pace)
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            while store.slack.outbox.counts().get("waiting"):
                await dispatcher.once()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
