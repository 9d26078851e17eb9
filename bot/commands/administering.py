"""Commands of approvers and administrators: requests, roles, channels, short forms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.commands.alerting import say
from bot.commands.arguments import text, user
from bot.commands.requests import shown_request
from bot.parse import COMMANDS, ChannelRef
from bot.policy import Ruling, override, vote
from bot.views.blocks import Message, header, message, section
from bot.words import Markup
from toolkit.errors import UseError
from toolkit.model.chat_approvals import Approval
from toolkit.model.chat_people import Person, Role

if TYPE_CHECKING:
    from bot.commands.scene import Handler, Scene
    from bot.parse import Parsed

_UNCHANGED: Final = "Nothing was changed"


def list_requests(scene: Scene, _parsed: Parsed) -> Message:
    """Requests that wait."""
    waiting = scene.shelf.people.waiting_approvals(scene.team)
    said = scene.voice.say("home.approvals", count=len(waiting))
    told = [
        scene.voice.say(
            "answer.request",
            id=each.id,
            user=Markup(f"<@{each.requester}>"),
            what=each.what,
            at=scene.voice.moment(each.expires_at),
        )
        for each in waiting
    ]
    return message(scene.voice, said, [header(said), *map(section, told)])


def show_request(scene: Scene, parsed: Parsed) -> Message:
    """One request with its buttons."""
    return _shown(scene, _request(scene, parsed))


def approve(scene: Scene, parsed: Parsed) -> Message:
    """One person agrees."""
    asked = _request(scene, parsed)
    ruling = vote(asked, scene.person, is_yes=True, now=scene.now)
    return _kept(scene, asked, ruling)


def refuse(scene: Scene, parsed: Parsed) -> Message:
    """One person does not agree, which closes the request."""
    asked = _request(scene, parsed)
    reason = text(parsed, "reason")
    ruling = vote(asked, scene.person, is_yes=False, now=scene.now, reason=reason)
    return _kept(scene, asked, ruling)


def let_through(scene: Scene, parsed: Parsed) -> Message:
    """An administrator lets a request through alone, with a reason."""
    asked = _request(scene, parsed)
    reason = text(parsed, "reason")
    return _kept(scene, asked, override(asked, scene.person, reason=reason, now=scene.now))


def _request(scene: Scene, parsed: Parsed) -> Approval:
    id_ = text(parsed, "approval")
    asked = scene.shelf.people.find_approval(id_)
    # Another workspace's request is as unknown here as one that never was.
    if asked is None or asked.team != scene.team:
        raise UseError(
            f"There is no request {id_}", unchanged=_UNCHANGED, remedy="Write `approve list`"
        )
    return asked


def _kept(scene: Scene, asked: Approval, ruling: Ruling) -> Message:
    if ruling.approval != asked and not scene.shelf.people.put_approval(
        ruling.approval, instead_of=asked
    ):
        return say(scene, "approval.vote.over", state="")
    if ruling.refusal:
        role = scene.voice.say("role.approver")
        state = scene.voice.say("answer.state", state=ruling.approval.state.value)
        return say(scene, ruling.refusal, state=state, role=role)
    return _shown(scene, ruling.approval)


def _shown(scene: Scene, asked: Approval) -> Message:
    return shown_request(scene.voice, scene.shelf.people, asked)


def show_admin(scene: Scene, _parsed: Parsed) -> Message:
    """Who has which role, and which short forms there are."""
    people = [each for each in scene.shelf.people.list_people(scene.team) if each.role]
    said = scene.voice.say("answer.people", count=len(people))
    told = [
        scene.voice.say(
            "answer.person",
            user=Markup(f"<@{each.user}>"),
            role=scene.voice.say(f"role.{each.role.word}"),
        )
        for each in people
    ]
    told += [
        scene.voice.say("answer.alias", name=name, meaning=meaning)
        for name, meaning in scene.settings.aliases().items()
    ]
    return message(scene.voice, said, [header(said), *map(section, told)])


def grant(scene: Scene, parsed: Parsed) -> Message:
    """Gives a role; it counts once the person is linked."""
    return _with_role(scene, parsed, Role[text(parsed, "role").upper()])


def revoke(scene: Scene, parsed: Parsed) -> Message:
    """Takes a role away."""
    return _with_role(scene, parsed, Role.NOBODY)


def _with_role(scene: Scene, parsed: Parsed, role: Role) -> Message:
    who = user(parsed, "person", me=scene.person.user)
    if not who:
        raise UseError(
            "Nobody is named", unchanged=_UNCHANGED, remedy="Mention the person with @"
        )
    people = scene.shelf.people
    known = people.find_person(scene.team, who) or Person(scene.team, who)
    if known.role is Role.ADMIN and role is not Role.ADMIN:
        _check_another_admin(scene, who)
    people.put_person(replace(known, role=role))
    shown = scene.voice.say(f"role.{role.word}")
    return say(scene, "answer.person", user=Markup(f"<@{who}>"), role=shown)


def _check_another_admin(scene: Scene, leaving: str) -> None:
    """Without an administrator nobody could ever make one again."""
    rest = scene.shelf.people.list_people(scene.team)
    if not any(
        each.role is Role.ADMIN and each.is_linked and each.user != leaving for each in rest
    ):
        raise UseError(
            "This is the last administrator",
            unchanged=_UNCHANGED,
            remedy="Grant the role to somebody else first",
        )


def limit_channel(scene: Scene, parsed: Parsed) -> Message:
    """Takes away what a channel's people may do beyond a role."""
    channel = _channel(scene, parsed)
    role = Role[text(parsed, "role").upper()]
    scene.settings.limit_channel(channel, role)
    shown = scene.voice.say(f"role.{role.word}")
    return say(scene, "answer.limited", channel=Markup(f"<#{channel}>"), role=shown)


def choose_default(scene: Scene, parsed: Parsed) -> Message:
    """Says where messages go whose own channel takes none any more."""
    channel = _channel(scene, parsed)
    scene.settings.put_default_channel(channel)
    return say(scene, "answer.default_channel", channel=Markup(f"<#{channel}>"))


def _channel(scene: Scene, parsed: Parsed) -> str:
    """The channel that is named, or the one this was written in."""
    value = parsed.values.get("channel")
    named = value if isinstance(value, ChannelRef) else ChannelRef()
    channel = scene.channel if named.name == "here" and not named.id else named.id
    if not channel:
        raise UseError(
            "No channel is named", unchanged=_UNCHANGED, remedy="Choose it with # from the list"
        )
    return channel


def put_alias(scene: Scene, parsed: Parsed) -> Message:
    """Makes a short form.

    Raises:
        UseError: It is called as an object is, or means no command.
    """
    name, meaning = text(parsed, "name").lower(), text(parsed, "meaning")
    names = {each.object for each in COMMANDS}
    if name in names or meaning.partition(" ")[0].lower() not in names:
        raise UseError(
            "A short form stands for a command, and is not called like one",
            unchanged=_UNCHANGED,
            remedy='Write: admin alias c "contact find"',
        )
    scene.settings.put_alias(name, meaning)
    return say(scene, "answer.alias", name=name, meaning=meaning)


def end_alias(scene: Scene, parsed: Parsed) -> Message:
    """Takes a short form away."""
    name = text(parsed, "name").lower()
    if name not in scene.settings.aliases():
        return say(scene, "answer.nothing_so_named", name=name)
    scene.settings.put_alias(name, "")
    return say(scene, "answer.alias_ended", name=name)


ADMINISTERING: Final[dict[str, Handler]] = {
    "approve list": list_requests,
    "approve show": show_request,
    "approve yes": approve,
    "approve no": refuse,
    "admin show": show_admin,
    "admin grant": grant,
    "admin revoke": revoke,
    "admin limit": limit_channel,
    "admin default": choose_default,
    "admin alias": put_alias,
    "admin unalias": end_alias,
    "admin override": let_through,
}
