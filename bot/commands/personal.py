"""Commands about oneself, and why something was allowed, refused or shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from bot.commands.alerting import say
from bot.commands.arguments import about_whom, text
from bot.parse.problems import nearest
from bot.views import alerts as views
from bot.views.blocks import Message, header, message, section
from bot.words import Voice
from toolkit.errors import UseError
from toolkit.model.chat_people import Role

if TYPE_CHECKING:
    from bot.commands.scene import Handler, Scene
    from bot.parse import Parsed
    from toolkit.model.chat_audit import AuditLine

_MOST_LINES: Final = 20


def show_me(scene: Scene, _parsed: Parsed) -> Message:
    """What is known about this person."""
    person = scene.person
    role = scene.voice.say(f"role.{person.role.word}")
    told = [
        scene.voice.say("home.me", role=role, language=person.language, zone=person.zone),
        scene.voice.say("home.privacy"),
    ]
    if not person.is_linked:
        told.append(scene.voice.say("denied.unlinked"))
    return message(scene.voice, told[0], [section(each) for each in told])


def set_zone(scene: Scene, parsed: Parsed) -> Message:
    """Chooses a time zone.

    Raises:
        UseError: There is no such zone.
    """
    wanted = text(parsed, "zone")
    known = {each.lower(): each for each in available_timezones()}
    zone = known.get(wanted.lower())
    if zone is None:
        close = ", ".join(nearest(wanted, list(known.values()))) or "Europe/Paris"
        raise UseError(
            f"There is no time zone `{wanted}`",
            unchanged="Nothing was changed",
            remedy=f"Try {close}",
        )
    scene.shelf.people.put_person(replace(scene.person, zone=ZoneInfo(zone).key))
    return say(scene, "answer.zone", zone=zone)


def set_language(scene: Scene, parsed: Parsed) -> Message:
    """Chooses a language; the answer is in it already."""
    language = text(parsed, "language")
    scene.shelf.people.put_person(replace(scene.person, language=language))
    voice = Voice(language, scene.person.zone)
    said = voice.say("answer.language")
    return message(voice, said, [section(said)])


def set_quiet(scene: Scene, parsed: Parsed) -> Message:
    """Chooses the hours in which direct messages wait."""
    hours = [parsed.values.get(name) for name in ("from", "until")]
    begin, end = (f"{each:%H:%M}" if isinstance(each, time) else "" for each in hours)
    people, user = scene.shelf.people, scene.person.user
    people.put_setting(scene.team, user, "quiet", value=[begin, end])
    return say(scene, "answer.quiet", begin=begin, end=end)


def unlink(scene: Scene, _parsed: Parsed) -> Message:
    """Takes the link to a HighLevel user away; the role counts for nothing without it."""
    scene.shelf.people.put_person(replace(scene.person, owner_id=""))
    return say(scene, "answer.unlinked")


def show_why(scene: Scene, parsed: Parsed) -> Message:
    """Which rule showed an alert, or decided on a command."""
    wanted = text(parsed, "reference")
    alert = scene.shelf.alerts.find_incident(scene.team, wanted)
    if alert is not None:
        headline = views.headline(scene.voice, alert)
        return say(scene, "answer.why_alert", headline=headline, rules=", ".join(alert.rules))
    lines = scene.shelf.audit.list_lines(scene.team, reference=wanted, limit=1)
    if not lines:
        return say(scene, "answer.nothing_so_named", name=wanted)
    return _lines(scene, lines)


def show_audit(scene: Scene, parsed: Parsed) -> Message:
    """Who did what lately: oneself, or for administrators anybody."""
    return _lines(scene, audit_of(scene, parsed))


def audit_of(scene: Scene, parsed: Parsed) -> list[AuditLine]:
    """The newest lines that are meant.

    Raises:
        UseError: Another person's lines, asked for without the role.
    """
    me = scene.person.user
    about = about_whom(scene, parsed, usual=me)
    if about != me and scene.person.role is not Role.ADMIN:
        raise UseError(
            "Only an administrator sees what others did",
            unchanged="Nothing was changed",
            remedy="Write `audit me` for your own lines",
        )
    subject = scene.shelf.audit.subject_of(scene.team, about) if about else ""
    return scene.shelf.audit.list_lines(scene.team, subject=subject, limit=_MOST_LINES)


def _lines(scene: Scene, lines: list[AuditLine]) -> Message:
    said = scene.voice.say("answer.audit", count=len(lines))
    told = [
        scene.voice.say(
            "answer.audit_line",
            at=scene.voice.moment(each.at),
            command=each.command,
            decision=each.decision,
            rule=each.rule,
            reference=each.reference,
        )
        for each in lines
    ]
    return message(scene.voice, said, [header(said), *map(section, told)])


PERSONAL: Final[dict[str, Handler]] = {
    "me show": show_me,
    "me tz": set_zone,
    "me lang": set_language,
    "me quiet": set_quiet,
    "me unlink": unlink,
    "why show": show_why,
    "audit show": show_audit,
}
