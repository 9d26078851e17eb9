"""A worker of its own process that asks HighLevel as often as the shared pace lets it.

`python -m tests.bench.caller FOLDER SECONDS webhook|schedule`
"""

import asyncio
import os
import sys
from pathlib import Path
from time import monotonic

from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.app.shared_pace import current_work
from toolkit.app.wiring import Transports, build_parts
from toolkit.clients.pacing import SystemClock
from toolkit.store import Store, open_vault
from toolkit.store.gcra import Work

AT_ONCE = 8


async def call(folder: Path, seconds: float, work: Work) -> None:
    """Eight callers without a pause, for so long."""
    home, clock = Home(folder), SystemClock()
    settings = load_config(home.config_path).get_connection(None)
    database = os.environ.get("HIGHTONIC_DATABASE_URL") or folder
    with Store.open(database, clock=clock.now) as store:
        async with build_parts(
            settings,
            home=home,
            store=store,
            vault=open_vault(store, folder),
            transports=Transports(),
            clock=clock,
        ) as parts:
            until = monotonic() + seconds

            async def ask() -> None:
                current_work.set(work)
                while monotonic() < until:
                    await parts.highlevel.custom_fields.list_fields()

            await asyncio.gather(*(ask() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(call(Path(sys.argv[1]), float(sys.argv[2]), Work(sys.argv[3])))
