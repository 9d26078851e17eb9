"""One way from a typed line to an answer: read, decide, note, do."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.alerts.desk import AlertDesk
from bot.commands.administering import ADMINISTERING
from bot.commands.alerting import ALERTING
from bot.commands.deed_desk import DEEDS
from bot.commands.linking import LINKING
from bot.commands.personal import PERSONAL
from bot.commands.reading import READING
from bot.commands.scene import Handler, Scene
from bot.parse import Misread, Parsed, Reading, parse
from bot.parse.write import redacted
from bot.policy import Allowed, Denied, NeedsApproval, Request, Verdict, decide
from bot.settings import Settings
from bot.views import answers
from bot.views.blocks import Message, message, section
from bot.words import Voice
from toolkit.errors import HightonicError
from toolkit.model.chat_audit import AuditLine
from toolkit.model.chat_people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.commands.scene import EventSource
    from bot.install.linking import LinkAnswer
    from toolkit.app.front_readings import FrontReadings
    from toolkit.app.slack_memory import SlackShelf
    from toolkit.model.chat_approvals import Approval
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
class Asked:
    """One line as it came in."""

    team: str
    user: str
    channel: str
    text: str
    surface: str = "slash"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered.

    Attributes:
        is_public: For the whole channel; else for who asked alone.
        form: The modal to open instead, by name; empty for none.
        command: What was understood; empty where it was not.
    """

    message: Message
    is_public: bool = False
    form: str = ""
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
        self._alerts = AlertDesk(
            sources.shelf, sources.feed, values_of=sources.values_of, clock=sources.clock
        )

    def guess_deed(self, text: str) -> bool | None:
        """As `is_deed`, from the words alone; None where more must be known for that.

        Reads nothing stored: an acknowledgement need not wait for a disk or a thread.
        """
        parsed = parse(
            text, Reading(self._from.clock(), ZoneInfo("UTC"), fields=self._from.fields)
        )
        if isinstance(parsed, Misread):
            return None
        return not parsed.wants_form and parsed.command.name in DEEDS

    def is_deed(self, asked: Asked) -> bool:
        """Whether the line writes, and so is work for a job that survives this process."""
        person = self._person(asked)
        aliases = Settings(self._from.shelf.people, asked.team).aliases()
        parsed = parse(asked.text, self._reading(person), aliases=aliases)
        if isinstance(parsed, Misread) or parsed.wants_form:
            return False
        return parsed.command.name in DEEDS

    def form_of(self, asked: Asked) -> str:
        """The form that asks for what a line left out; empty for none, or where it is denied."""
        person = self._person(asked)
        settings = Settings(self._from.shelf.people, asked.team)
        parsed = parse(asked.text, self._reading(person), aliases=settings.aliases())
        if isinstance(parsed, Misread) or not parsed.wants_form:
            return ""
        verdict = self._decide(parsed, person, settings, asked)
        return "" if isinstance(verdict, Denied) else parsed.command.form

    def refusal(self, asked: Asked) -> Message | None:
        """Why this person may not begin what the line does; None where they may.

        A refusal is noted, leave is not: that is done when the line itself is carried out.
        """
        person = self._person(asked)
        settings = Settings(self._from.shelf.people, asked.team)
        parsed = parse(asked.text, self._reading(person), aliases=settings.aliases())
        voice = _voice(person, parsed)
        if isinstance(parsed, Misread):
            return answers.misread(voice, asked.text, parsed)
        verdict = self._decide(parsed, person, settings, asked)
        if not isinstance(verdict, Denied):
            return None
        line = self._note(asked, parsed, verdict, took_ms=0)
        return answers.denied(voice, verdict.rule, role=verdict.role, reference=line.reference)

    def answer(self, asked: Asked) -> Reply:
        """Read a line, decide whether it may be done, note that, and do it.

        Every line that was understood leaves one in the audit. A failure is an answer too.
        """
        began = self._from.timer()
        read = self.read(asked)
        if isinstance(read, Message):
            return Reply(read)
        parsed, verdict = read.parsed, read.verdict
        shown, outcome = _done(read)
        if outcome != "done":
            took_ms = round((self._from.timer() - began) * _MS)
            self._note(asked, parsed, verdict, took_ms=took_ms, outcome=outcome)
        is_understood = isinstance(verdict, Allowed)
        return Reply(
            shown,
            is_public=parsed.is_public and is_understood,
            form=parsed.command.form if parsed.wants_form and is_understood else "",
            command=parsed.command.name,
        )

    def read(self, asked: Asked) -> Read | Message:
        """A line with what is decided about it, noted; the complaint where it says nothing."""
        person = self._person(asked)
        settings = Settings(self._from.shelf.people, asked.team)
        parsed = parse(asked.text, self._reading(person), aliases=settings.aliases())
        voice = _voice(person, parsed)
        if isinstance(parsed, Misread):
            return answers.misread(voice, asked.text, parsed)
        verdict = self._decide(parsed, person, settings, asked)
        line = self._note(asked, parsed, verdict, took_ms=0)
        scene = self._scene(person, asked, voice, settings)
        return Read(scene, parsed, verdict, line.reference)

    def reread(self, asked: Approval) -> Read | Message:
        """An approved line, as who asked for it wrote it; nothing is noted or decided."""
        told = Asked(asked.team, asked.requester, asked.channel, asked.command, "job")
        person = self._person(told)
        settings = Settings(self._from.shelf.people, asked.team)
        parsed = parse(asked.command, self._reading(person))
        voice = _voice(person, parsed)
        if isinstance(parsed, Misread):
            return answers.misread(voice, asked.command, parsed)
        return Read(self._scene(person, told, voice, settings), parsed, Allowed("approved"), "")

    def note_outcome(self, asked: Asked, read: Read, outcome: str) -> None:
        """A line of the audit for how a deed ended."""
        if isinstance(read.verdict, Allowed):
            self._note(asked, read.parsed, read.verdict, took_ms=0, outcome=outcome)

    def _person(self, asked: Asked) -> Person:
        found = self._from.shelf.people.find_person(asked.team, asked.user)
        return found or Person(asked.team, asked.user)

    def _reading(self, person: Person) -> Reading:
        zone = ZoneInfo(person.zone)
        is_american = person.language == "en" and person.zone.startswith("America/")
        return Reading(
            self._from.clock(), zone, day_first=not is_american, fields=self._from.fields
        )

    def _decide(
        self, parsed: Parsed, person: Person, settings: Settings, asked: Asked
    ) -> Verdict:
        connection = parsed.values.get("connection", "")
        request = Request(
            parsed.command,
            person,
            settings.channel_rule(asked.channel),
            connection=connection if isinstance(connection, str) else "",
            flags=parsed.flags,
        )
        return decide(request)

    def _note(
        self,
        asked: Asked,
        parsed: Parsed,
        verdict: Verdict,
        *,
        took_ms: int,
        outcome: str = "",
    ) -> AuditLine:
        shelf = self._from.shelf
        decision = {Allowed: "allowed", Denied: "denied", NeedsApproval: "asked"}
        line = AuditLine(
            team=asked.team,
            at=self._from.clock(),
            subject=shelf.audit.subject_of(asked.team, asked.user),
            surface=asked.surface,
            command=redacted(parsed),
            decision=_ended(outcome) or decision[type(verdict)],
            rule=verdict.rule,
            channel=asked.channel,
            outcome=outcome,
            took_ms=took_ms,
        )
        # What `why` takes: the digest of what was decided, short.
        reference = f"w_{replace(line, reference='').fingerprint[:8]}"
        return shelf.audit.append(replace(line, reference=reference))

    def _scene(self, person: Person, asked: Asked, voice: Voice, settings: Settings) -> Scene:
        return Scene(
            person=person,
            channel=asked.channel,
            voice=voice,
            now=self._from.clock(),
            cards=self._from.cards,
            shelf=self._from.shelf,
            settings=settings,
            alerts=self._alerts,
            feed=self._from.feed,
            values_of=self._from.values_of,
            link=self._from.link,
        )


def _ended(outcome: str) -> str:
    """How a deed ended, as the audit says it; empty while nothing was tried."""
    return {"": "", "done": "done"}.get(outcome, "failed")


def _voice(person: Person, parsed: Parsed | Misread) -> Voice:
    language = parsed.language if isinstance(parsed, Parsed) else ""
    return Voice(language or person.language, person.zone)


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
