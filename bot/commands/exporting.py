"""What leaves as a file: the audit, once somebody else agreed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.commands.arguments import about_whom, text
from bot.commands.ground import Ground, Parcel
from bot.views.blocks import Message, message, section
from toolkit.app.slack_audit_file import audit_file
from toolkit.errors import UseError
from toolkit.model.values import digest

if TYPE_CHECKING:
    from bot.commands.scene import Scene
    from bot.parse import Parsed
    from toolkit.model.chat_audit import AuditLine
    from toolkit.model.ids import Digest

NAME: Final = "audit export"
_UNCHANGED: Final = "Nothing was exported"


@dataclass(frozen=True, slots=True)
class Extract:
    """Lines of the audit up to one that does not move any more.

    Attributes:
        about: The Slack user they are about; empty for all.
        lines: Oldest first.
    """

    about: str
    lines: tuple[AuditLine, ...]

    @property
    def hash(self) -> Digest:
        """Of the chain up to its end: a line that was changed since is another hash."""
        last = self.lines[-1] if self.lines else None
        return digest([self.about, len(self.lines), last.hash if last else ""])


def fixed(scene: Scene, parsed: Parsed) -> Parsed:
    """The same line with its end named, so that what is approved is what is exported."""
    if text(parsed, "until"):
        return parsed
    newest = scene.shelf.audit.newest(scene.team)
    return replace(parsed, values={**parsed.values, "until": str(newest.seq if newest else 0)})


def extract_of(scene: Scene, parsed: Parsed) -> Extract:
    """The lines that are meant.

    Raises:
        UseError: Its end is no number.
    """
    until, audit = text(parsed, "until"), scene.shelf.audit
    if not until.isdigit():
        raise UseError(
            "The end of an audit is the number of its last line",
            unchanged=_UNCHANGED,
            remedy="Leave `until` away",
        )
    about = about_whom(scene, parsed)
    subject = audit.subject_of(scene.team, about) if about else ""
    lines = audit.list_until(scene.team, int(until), subject=subject)
    return Extract(about, tuple(lines))


async def export_audit(ground: Ground, parsed: Parsed) -> Message:
    """Hand the file to who asked, in their own conversation with the bot."""
    scene, voice = ground.scene, ground.scene.voice
    extract = await asyncio.to_thread(extract_of, scene, fixed(scene, parsed))
    content = await asyncio.to_thread(_content, scene, extract)
    said = voice.say("export.here", count=len(extract.lines))
    name = f"hightonic-audit-{scene.now:%Y-%m-%d}.jsonl"
    await ground.deliver(scene.person, Parcel(name, content, said))
    done = voice.say("export.sent", count=len(extract.lines))
    return message(voice, done, [section(done)])


def _content(scene: Scene, extract: Extract) -> bytes:
    audit = scene.shelf.audit
    subjects = dict.fromkeys(each.subject for each in extract.lines)
    known = {each: audit.find_user(scene.team, each) for each in subjects}
    people = {subject: user for subject, user in known.items() if user is not None}
    return audit_file(extract.lines, team=scene.team, people=people, is_whole=not extract.about)
