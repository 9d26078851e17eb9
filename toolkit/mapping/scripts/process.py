"""The process a script runs in: a line in, a line out, and an end that is sure."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from toolkit.mapping.scripts.codec import MOST_BYTES

GRACE_S: Final = 1.0
"""How much later than the script's own limit we stop waiting."""
# Ours are no business of a script's.
_KEPT_FROM_SCRIPTS: Final = "HIGHTONIC_"

Answer = Mapping[str, Any]


class ScriptProcess:
    """One process and the thread that listens to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "toolkit.mapping.scripts.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                name: value
                for name, value in os.environ.items()
                if not name.startswith(_KEPT_FROM_SCRIPTS)
            },
            # Ctrl-C is for us: running writes finish, and may need the script.
            start_new_session=True,
        )
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def exchange(self, line: bytes, *, limit_s: float) -> Answer:
        """The answer to a line, or why there is none."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 — a pipe was asked for
        try:
            stdin.write(line)
            stdin.flush()
            told = self._answers.get(timeout=limit_s)
        except queue.Empty:
            return {"ok": False, "why": "limit"}
        except OSError:
            told = None
        answer: Answer = {"ok": False, "why": "ended"} if told is None else json.loads(told)
        return answer

    def end(self, *, patience_s: float = 0.0) -> None:
        """End it and all it started, at once or after a while in which it may go by itself."""
        stdin = self._process.stdin
        if patience_s and stdin is not None:
            # Nobody asks any more: an idle process goes by itself, and tidies up.
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                stdin.close()
                self._process.wait(patience_s)
        with contextlib.suppress(OSError):
            if sys.platform == "win32":  # pragma: no cover — there are no groups
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._listener.join(GRACE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        out = self._process.stdout
        assert out is not None  # noqa: S101 — a pipe was asked for
        with contextlib.suppress(OSError, ValueError):
            while line := out.readline(2 * MOST_BYTES):
                self._answers.put(line)
        self._answers.put(None)
