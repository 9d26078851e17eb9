"""`hightonic serve` with the bot plugged in: the program of a process of its own.

`python -m tests.flows.slack_served --home FOLDER --port 0 --json`
"""

import sys
from importlib.metadata import EntryPoint

from toolkit.cli import main
from toolkit.server import services

if __name__ == "__main__":
    slack = EntryPoint("slack", "bot.entry:slack_service", services.GROUP)
    services.entry_points = lambda group: [slack]
    sys.argv = ["hightonic", "serve", *sys.argv[1:]]
    main()
