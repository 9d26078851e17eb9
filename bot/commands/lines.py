"""A typed line with who typed it: read once, decided, noted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.commands.deed_desk import DEEDS
from bot.parse import Misread, Parsed, Reading, Trouble, parse
from bot.parse.commands import BUILT_IN_ALIASES
from bot.parse.read import LONGEST
from bot.parse.words import as_slack_writes
from bot.parse.write import redacted
from bot.policy import Allowed, Denied, NeedsApproval, Request, Verdict, decide
from bot.settings import Settings
from bot.words import Voice
from toolkit.model.chat_audit import AuditLine
from toolkit.model.chat_people import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from toolkit.app.slack_memory import SlackShelf

_TYPED: Final = frozenset({"slash", "message"})
_LONGEST_FORM: Final = 100_000
_DECISIONS: Final = {Allowed: "allowed", Denied: "denied", NeedsApproval: "asked"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One line as it came in."""

    team: str
    user: str
    channel: str
    text: str
    surface: str = "slash"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read, understood or not.

    Attributes:
        person: Who typed it, as last looked up.
    """

    asked: Asked
    person: Person
    settings: Settings
    parsed: Parsed | Misread

    @property
    def voice(self) -> Voice:
        """The language of the answer: asked for in the line, else the person's."""
        asked = self.parsed.language if isinstance(self.parsed, Parsed) else ""
        return Voice(asked or self.person.language, self.person.zone)

    @property
    def is_deed(self) -> bool:
        """Whether it writes, and so is work for a job that survives this process."""
        return isinstance(self.parsed, Parsed) and _is_deed(self.parsed)

    @property
    def problem(self) -> Misread | None:
        """Why it cannot be done as it stands; None where it can."""
        parsed = self.parsed
        if isinstance(parsed, Misread) or not parsed.missing:
            return parsed if isinstance(parsed, Misread) else None
        missing = Misread(Trouble.MISSING, len(self.asked.text), expected=parsed.missing[0])
        return missing.during(parsed.command.usage)


class Lines:
    """Reads lines. Synchronous; safe from any thread.

    Args:
        shelf: People, what was chosen, and the audit.
        clock: Now, aware.
        fields: Fields of a contact that may be named in a command.
    """

    def __init__(
        self, shelf: SlackShelf, *, clock: Callable[[], datetime], fields: tuple[str, ...]
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._fields = fields

    def guess_deed(self, text: str) -> bool | None:
        """As `Line.is_deed`, from the words alone; None where more must be known for that.

        Reads nothing stored: an acknowledgement need not wait for a disk or a thread.
        """
        # A workspace may have given a short form another meaning.
        if text.strip() and text.split(maxsplit=1)[0].lower() in BUILT_IN_ALIASES:
            return None
        parsed = parse(text, Reading(self._clock(), ZoneInfo("UTC"), fields=self._fields))
        return None if isinstance(parsed, Misread) else _is_deed(parsed)

    def read(self, asked: Asked) -> Line:
        """Who asks, and what for."""
        people = self._shelf.people
        person = people.find_person(asked.team, asked.user) or Person(asked.team, asked.user)
        settings = Settings(people, asked.team)
        # What a form holds is no line that Slack carries, and may be as long as its fields.
        is_typed = asked.surface in _TYPED
        longest = LONGEST if is_typed else _LONGEST_FORM
        text = asked.text if is_typed else as_slack_writes(asked.text)
        reading = self._reading(person)
        parsed = parse(text, reading, aliases=settings.aliases(), longest=longest)
        return Line(asked, person, settings, parsed)

    def decide(self, line: Line, parsed: Parsed) -> Verdict:
        """Whether it may be done."""
        connection = parsed.values.get("connection", "")
        request = Request(
            parsed.command,
            line.person,
            line.settings.channel_rule(line.asked.channel),
            connection=connection if isinstance(connection, str) else "",
            flags=parsed.flags,
        )
        return decide(request)

    def note(
        self,
        asked: Asked,
        parsed: Parsed,
        verdict: Verdict,
        *,
        took_ms: int = 0,
        outcome: str = "",
    ) -> AuditLine:
        """Append it to the audit; without an outcome, nothing was tried yet."""
        audit = self._shelf.audit
        line = AuditLine(
            team=asked.team,
            at=self._clock(),
            subject=audit.subject_of(asked.team, asked.user),
            surface=asked.surface,
            command=redacted(parsed),
            decision=_ended(outcome) or _DECISIONS[type(verdict)],
            rule=verdict.rule,
            channel=asked.channel,
            outcome=outcome,
            took_ms=took_ms,
        )
        # What `why` takes: the digest of what was decided, short.
        reference = f"w_{replace(line, reference='').fingerprint[:8]}"
        return audit.append(replace(line, reference=reference))

    def _reading(self, person: Person) -> Reading:
        zone = ZoneInfo(person.zone)
        is_american = person.language == "en" and person.zone.startswith("America/")
        return Reading(self._clock(), zone, day_first=not is_american, fields=self._fields)


def _is_deed(parsed: Parsed) -> bool:
    """A file is a deed as well: it is uploaded, which must not be lost or waited for."""
    is_form = parsed.wants_form
    return not is_form and (parsed.command.name in DEEDS or "json" in parsed.flags)


def _ended(outcome: str) -> str:
    """How a deed ended, as the audit says it; empty while nothing was tried."""
    return {"": "", "done": "done"}.get(outcome, "failed")
