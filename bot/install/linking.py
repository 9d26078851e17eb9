"""Which HighLevel user a member is: by e-mail, or by a page that is theirs for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.app.slack_people import LinkingRule, link_person, linking_rule
from toolkit.model.chat_audit import AuditLine
from toolkit.model.chat_people import Person, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from toolkit.app.slack_keys import SlackKeys
    from toolkit.app.slack_memory import SlackShelf
    from toolkit.mapping.context import Owner

LINK_PATH: Final = "/slack/link"
_PURPOSE: Final = "link"


@dataclass(frozen=True, slots=True)
class Linked:
    """It is known who this is."""

    person: Person
    owner: Owner


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The person is to say so on this page."""

    url: str


@dataclass(frozen=True, slots=True)
class NotLinked:
    """No HighLevel user has the person's e-mail, and there is no page: an admin links them."""


@dataclass(frozen=True, slots=True)
class SomebodyElse:
    """A guest, a bot, or a member of another company: they are not linked."""


LinkAnswer: TypeAlias = Linked | LinkPage | NotLinked | SomebodyElse


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page asks.

    Attributes:
        owners: Whom the person may be.
    """

    person: Person
    owners: tuple[Owner, ...]


class Linking:
    """Links people. Synchronous; safe from any thread.

    Args:
        keys: Give out the tickets.
        shelf: Keeps people and audit.
        owners: HighLevel's users, as read last.
        clock: Now, aware.
        base_url: Where people reach `hightonic serve`; empty where they do not.
    """

    def __init__(
        self,
        keys: SlackKeys,
        shelf: SlackShelf,
        *,
        owners: Callable[[], Sequence[Owner]],
        clock: Callable[[], datetime],
        base_url: str = "",
    ) -> None:
        self._keys = keys
        self._shelf = shelf
        self._owners = owners
        self._clock = clock
        self._base_url = base_url.rstrip("/")

    def begin(self, person: Person, *, email: str) -> LinkAnswer:
        """Link by e-mail where that is the rule, else give a page out.

        A second call gives out another page; the first stays good for its ten minutes.

        Args:
            person: Who asks.
            email: As Slack vouches for it; empty where it is not known.
        """
        if person.standing is not Standing.MEMBER:
            return SomebodyElse()
        rule = linking_rule(self._shelf.people, person.team)
        owner = self._fitting(email) if rule is not LinkingRule.URL else None
        if owner is not None:
            return self._keep(person, owner, by="by e-mail")
        if rule is LinkingRule.EMAIL or not self._base_url:
            return NotLinked()
        told = {"team": person.team, "user": person.user}
        ticket = self._keys.tickets.give(_PURPOSE, told)
        return LinkPage(f"{self._base_url}{LINK_PATH}/{ticket}")

    def look(self, ticket: str) -> Choice | None:
        """Whom a page is for, and whom they may choose; None where it is good no more.

        Takes nothing: programs look at links before people do.
        """
        told = self._keys.tickets.look(_PURPOSE, ticket)
        person = self._named(told) if told else None
        return None if person is None else Choice(person, tuple(self._owners()))

    def finish(self, ticket: str, owner_id: str) -> Linked | None:
        """Link the person whose page it is; None where it is good no more, or nobody fits.

        Whoever becomes another HighLevel user than before has to be given a role again.
        """
        owner = next((each for each in self._owners() if each.id == owner_id), None)
        # A slip in the choice does not cost the page.
        told = self._keys.tickets.take(_PURPOSE, ticket) if owner is not None else None
        person = self._named(told) if told else None
        if person is None or owner is None:
            return None
        return self._keep(person, owner, by="by page")

    def unlink(self, person: Person) -> Person:
        """Nobody in HighLevel any more; the role stays granted, and counts for nothing."""
        changed = replace(person, owner_id="")
        self._shelf.people.put_person(changed)
        return changed

    def _keep(self, person: Person, owner: Owner, *, by: str) -> Linked:
        changed = link_person(person, owner.id)
        self._shelf.people.put_person(changed)
        audit = self._shelf.audit
        subject = audit.subject_of(person.team, person.user)
        audit.append(
            AuditLine(
                person.team,
                self._clock(),
                subject,
                "page",
                "me link",
                "done",
                by,
                outcome=owner.id,
            )
        )
        return Linked(changed, owner)

    def _named(self, told: dict[str, str]) -> Person | None:
        """The person, as they stand now: a guest by now is no longer linked."""
        team, user = told["team"], told["user"]
        found = self._shelf.people.find_person(team, user) or Person(team, user)
        return found if found.standing is Standing.MEMBER else None

    def _fitting(self, email: str) -> Owner | None:
        """The one user with this e-mail; two would leave open which."""
        wanted = email.strip().casefold()
        found = [each for each in self._owners() if each.email.strip().casefold() == wanted]
        return found[0] if wanted and len(found) == 1 else None
