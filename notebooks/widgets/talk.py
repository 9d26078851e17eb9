"""What a panel's page and Python say to each other; knows neither Jupyter nor a browser.

Every message is JSON with a `kind`. Customers' values travel in answers only: nothing here
is ever part of a widget's synced state, which Jupyter saves into notebook files.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from toolkit.errors import HightonicError

_log = logging.getLogger(__name__)

Message = Mapping[str, Any]
T = TypeVar("T")

_TELLING: Final = ThreadPoolExecutor(1, thread_name_prefix="hightonic telling")

OPEN: Final = "open"
"""What a page asks first; each view of a panel does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One message to the page.

    Attributes:
        content: JSON.
        block: Rows as UTF-8 JSON, apart from the content so that Jupyter need not read them.
    """

    content: dict[str, Any]
    block: bytes | None = None


Answerer = Callable[[Message], Answer]


class Talk:
    """Answers the page of one panel, and speaks first where something happened.

    A panel gives `answers()`; everything else is the same for all.
    """

    slow: ClassVar[frozenset[str]] = frozenset()
    """Kinds whose answer may take a second; nothing else waits for them."""

    def __init__(self) -> None:
        self._say: Callable[[Answer], None] = _nobody
        self._known = dict(self.answers())

    def answers(self) -> Mapping[str, Answerer]:
        """Kind -> what answers it; `open` is asked by every page that appears."""
        raise NotImplementedError

    def warm(self) -> None:
        """Read ahead what the page will ask for next; on a thread of its own, after `open`."""

    def close(self) -> None:
        """Let go of what it listens to; twice is once."""

    def connect(self, say: Callable[[Answer], None]) -> None:
        """Who carries what is said first to the pages."""
        self._say = say

    def push(self, kind: str, **content: object) -> None:
        """Say something unasked, from any thread; pages that are not there miss it."""
        self._say(Answer({"kind": kind, **content}))

    def answer(self, message: object) -> Answer:
        """The answer to one message; a refusal is an answer as well, never an exception."""
        if not isinstance(message, dict) or message.get("kind") not in self._known:
            return refused("The page asked for something this version does not know")
        asked = message.get("req")
        try:
            found = self._known[message["kind"]](message)
        except HightonicError as error:
            return refused(error.sentence, asked)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # A page of another version; its text may hold a customer's value.
            _log.warning("message not understood", extra={"error": type(error).__name__})
            return refused("The page asked in a way this version does not know", asked)
        if asked is not None:
            found.content["req"] = asked
        return found

    def when_done(
        self, future: Future[T], tell: Callable[[T], None], *, kind: str = "failed"
    ) -> None:
        """Tell what came of work in the background; why it failed is said by itself.

        Args:
            future: From `Session.start`.
            tell: Pushes the good news.
            kind: Of the message for the other: `sentence` holds what happened.
        """

        def ended(done: Future[T]) -> None:
            try:
                tell(done.result())
            except HightonicError as error:
                self.push(kind, sentence=error.sentence)
            except CancelledError:
                self.push(kind, sentence="Stopped. What was written is in the activity log.")
            except Exception as error:  # noqa: BLE001 — a thread's end: nobody else would hear
                reference = secrets.token_hex(4)
                _log.exception("panel's work failed", extra={"reference": reference})
                self.push(kind, sentence=_unforeseen(error, reference))

        # A future ends on the session's loop, which must go on while panels look again.
        future.add_done_callback(lambda done: _TELLING.submit(ended, done))


def refused(sentence: str, asked: object = None) -> Answer:
    """The answer that says why there is none."""
    return Answer({"kind": "refused", "sentence": sentence, "req": asked})


def _unforeseen(error: Exception, reference: str) -> str:
    return (
        f"Something went wrong that nobody foresaw ({type(error).__name__}). What was written "
        f"is in the activity log; the kernel's log has the rest under {reference}."
    )


def _nobody(_answer: Answer) -> None:
    """Nobody looks yet."""
