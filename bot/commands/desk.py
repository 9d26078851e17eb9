"""One way from a typed line to an answer: read, decide, note, do."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.alerts.desk import AlertDesk
from bot.commands.administering import ADMINISTERING
from bot.commands.alerting import ALERTING
from bot.commands.halves import form_for, given_for
from bot.commands.lines import Asked, Line, Lines
from bot.commands.linking import LINKING
from bot.commands.personal import PERSONAL
from bot.commands.reading import READING
from bot.commands.rehearsing import check_dry
from bot.commands.scene import Handler, Scene
from bot.parse import Misread, Parsed
from bot.policy import Allowed, Denied, NeedsApproval, Verdict
from bot.views import answers
from bot.views.blocks import Message, message, section
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.commands.scene import EventSource
    from bot.install.linking import LinkAnswer
    from toolkit.app.front_readings import FrontReadings
    from toolkit.app.slack_memory import SlackShelf
    from toolkit.model.chat_approvals import Approval
    from toolkit.model.chat_people import Person
    from toolkit.model.events import Event
    from toolkit.model.values import Value

_log = logging.getLogger(__name__)

HANDLERS: Final[Mapping[str, Handler]] = {
    **READING,
    **ALERTING,
    **PERSONAL,
    **LINKING,
    **ADMINISTERING,
}
_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered.

    Attributes:
        is_public: For the whole channel; else for who asked alone.
        form: The modal to open instead, by name, where one can open; empty for none.
        given: What the line says for the modal already.
        command: What was understood; empty where it was not.
    """

    message: Message
    is_public: bool = False
    form: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A line that was understood, and what is decided about it.

    Attributes:
        reference: What `why` takes.
    """

    scene: Scene
    parsed: Parsed
    verdict: Verdict
    reference: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a desk looks.

    Attributes:
        fields: Fields of a contact that may be named in a command.
        values_of: Agreed values of the record an event is about.
        clock: Now, aware.
        link: As in `Scene`.
    """

    shelf: SlackShelf
    cards: FrontReadings
    feed: EventSource
    values_of: Callable[[Event], Mapping[str, Value]]
    clock: Callable[[], datetime]
    fields: tuple[str, ...] = ()
    timer: Callable[[], float] = time.perf_counter
    link: Callable[[Person], LinkAnswer] | None = None


class CommandDesk:
    """Answers typed lines. Synchronous; safe from any thread.

    Args:
        sources: Where it looks.
    """

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._lines = Lines(sources.shelf, clock=sources.clock, fields=sources.fields)
        self._alerts = AlertDesk(
            sources.shelf, sources.feed, values_of=sources.values_of, clock=sources.clock
        )

    def now(self) -> datetime:
        """The clock's, aware."""
        return self._from.clock()

    def guess_deed(self, text: str) -> bool | None:
        """As `is_deed`, from the words alone; None where more must be known for that."""
        return self._lines.guess_deed(text)

    def is_deed(self, asked: Asked) -> bool:
        """Whether the line writes, and so is work for a job that survives this process."""
        return self._lines.read(asked).is_deed

    def complaint(self, asked: Asked) -> tuple[Misread, str] | None:
        """Why a line cannot be carried out as it stands, and that in plain words; None if it can."""
        line = self._lines.read(asked)
        problem = line.problem
        if problem is None:
            return None
        return problem, answers.misread_plain(line.voice, problem)

    def may(self, asked: Asked) -> bool:
        """Whether this person may do what a line does; nothing is noted of it."""
        line = self._lines.read(asked)
        if isinstance(line.parsed, Misread):
            return False
        return not isinstance(self._lines.decide(line, line.parsed), Denied)

    def refusal(self, asked: Asked) -> Message | None:
        """Why this person may not begin what the line does; None where they may.

        A refusal is noted, leave is not: that is done when the line itself is carried out.
        """
        line = self._lines.read(asked)
        parsed = line.parsed
        if isinstance(parsed, Misread):
            return answers.misread(line.voice, asked.text, parsed)
        verdict = self._lines.decide(line, parsed)
        if not isinstance(verdict, Denied):
            return None
        noted = self._lines.note(asked, parsed, verdict)
        return answers.denied(
            line.voice, verdict.rule, role=verdict.role, reference=noted.reference
        )

    def answer(self, asked: Asked) -> Reply:
        """Read a line, decide whether it may be done, note that, and do it.

        Every line that was understood leaves one in the audit. A failure is an answer too.
        Where a form asks for what was left out, it is named, and the line is noted once the
        form is sent.
        """
        began = self._from.timer()
        line = self._lines.read(asked)
        parsed = line.parsed
        if isinstance(parsed, Misread):
            return Reply(answers.misread(line.voice, asked.text, parsed))
        verdict = self._lines.decide(line, parsed)
        form = "" if isinstance(verdict, Denied) else form_for(parsed)
        if line.problem is not None and parsed.wants_form and not isinstance(verdict, Denied):
            missing = answers.misread(line.voice, asked.text, line.problem)
            given = given_for(parsed)
            return Reply(missing, form=form, given=given, command=parsed.command.name)
        read = self._noted(line, parsed, verdict)
        shown, outcome = _done(read)
        if outcome != "done":
            took_ms = round((self._from.timer() - began) * _MS)
            self._lines.note(asked, parsed, verdict, took_ms=took_ms, outcome=outcome)
        is_public = parsed.is_public and isinstance(verdict, Allowed)
        return Reply(shown, is_public=is_public, form=form, command=parsed.command.name)

    def read(self, asked: Asked) -> Read | Message:
        """A line with what is decided about it, noted; the complaint where it says nothing."""
        line = self._lines.read(asked)
        parsed = line.parsed
        if isinstance(parsed, Misread):
            return answers.misread(line.voice, asked.text, parsed)
        return self._noted(line, parsed, self._lines.decide(line, parsed))

    def reread(self, asked: Approval) -> Read | Message:
        """An approved line, as who asked for it wrote it; nothing is noted or decided."""
        told = Asked(asked.team, asked.requester, asked.channel, asked.command, "job")
        line = self._lines.read(told)
        if isinstance(line.parsed, Misread):
            return answers.misread(line.voice, asked.command, line.parsed)
        return Read(self._scene(line), line.parsed, Allowed("approved"), "")

    def note_outcome(self, asked: Asked, read: Read, outcome: str) -> None:
        """A line of the audit for how a deed ended."""
        if isinstance(read.verdict, Allowed):
            self._lines.note(asked, read.parsed, read.verdict, outcome=outcome)

    def _noted(self, line: Line, parsed: Parsed, verdict: Verdict) -> Read:
        noted = self._lines.note(line.asked, parsed, verdict)
        return Read(self._scene(line), parsed, verdict, noted.reference)

    def _scene(self, line: Line) -> Scene:
        return Scene(
            person=line.person,
            channel=line.asked.channel,
            voice=line.voice,
            now=self._from.clock(),
            cards=self._from.cards,
            shelf=self._from.shelf,
            settings=line.settings,
            alerts=self._alerts,
            feed=self._from.feed,
            values_of=self._from.values_of,
            link=self._from.link,
        )


def _done(read: Read) -> tuple[Message, str]:
    """The answer, and how it went: `done`, or the class of what failed."""
    scene, parsed, verdict = read.scene, read.parsed, read.verdict
    if isinstance(verdict, Denied):
        denied = answers.denied(
            scene.voice, verdict.rule, role=verdict.role, reference=read.reference
        )
        return denied, "done"
    handler = HANDLERS.get(parsed.command.name)
    if handler is None or isinstance(verdict, NeedsApproval):
        said = scene.voice.say("answer.not_yet", command=parsed.command.name)
        return message(scene.voice, said, [section(said)]), "done"
    try:
        check_dry(parsed)
        return handler(scene, parsed), "done"
    except HightonicError as error:
        return answers.failed(scene.voice, error), type(error).__name__
    except Exception as error:  # noqa: BLE001 — a person is answered, whatever broke
        known = HightonicError("It failed inside hightonic", remedy="Tell an administrator")
        # The class alone: what it says, and its trace, may hold a customer's values.
        name = type(error).__name__
        extra = {"command": parsed.command.name, "error": name, "reference": known.reference}
        _log.error("command failed", extra=extra)
        return answers.failed(scene.voice, known), type(error).__name__
