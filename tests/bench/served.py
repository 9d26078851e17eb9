"""`hightonic serve` that believes another sender: the program of a process of its own.

`python -m tests.bench.served KEY.pem --home FOLDER --port 0 --json`
"""

import sys
from pathlib import Path

from toolkit.cli import main
from toolkit.server import process

if __name__ == "__main__":
    key = Path(sys.argv[1]).read_bytes()
    # Nothing else differs from the command that a person types.
    process.ED25519_PUBLIC_KEY = key
    sys.argv = ["hightonic", "serve", *sys.argv[2:]]
    main()
