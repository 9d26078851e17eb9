"""Who may do what through Slack, from this machine's side: the first admin is made here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from toolkit.app.config import load_config
from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_audit_file import AuditCheck, check_lines
from toolkit.app.slack_calls import SlackCaller
from toolkit.app.slack_keys import SlackKeys
from toolkit.clients.pacing import SystemClock
from toolkit.errors import RejectedError, UseError
from toolkit.mapping.context import Owner
from toolkit.model.chat_audit import AuditLine
from toolkit.model.chat_people import Person, Role
from toolkit.model.ids import Digest

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.app.home import Home
    from toolkit.store import Store
    from toolkit.store.slack import SlackPeople, SlackShelf

_UNCHANGED: Final = "Nothing was changed"
_SETTING: Final = "linking"
_WHOLE_TEAM: Final = ""


class LinkingRule(StrEnum):
    """How a member proves who they are in HighLevel."""

    EMAIL = "email"
    """The HighLevel user with the same e-mail; nobody else."""
    URL = "url"
    """Whom they choose on a page that is theirs for ten minutes."""
    BOTH = "both"
    """By e-mail where one fits, else on the page."""


def linking_rule(people: SlackPeople, team: str) -> LinkingRule:
    """What holds in a workspace; `email` where nobody chose."""
    found = people.get_setting(team, _WHOLE_TEAM, _SETTING)
    return LinkingRule(found) if found in set(LinkingRule) else LinkingRule.EMAIL


def put_linking_rule(people: SlackPeople, team: str, rule: LinkingRule) -> None:
    """Choose for a workspace."""
    people.put_setting(team, _WHOLE_TEAM, _SETTING, value=rule.value)


def link_person(person: Person, owner_id: str) -> Person:
    """The same member, known as this HighLevel user.

    A role was given to whom one was taken for: somebody who becomes another HighLevel user
    has it no more.
    """
    is_same = person.owner_id in {"", owner_id}
    return replace(person, owner_id=owner_id, role=person.role if is_same else Role.NOBODY)


def list_owners(store: Store, connections: tuple[str, ...]) -> list[Owner]:
    """HighLevel's users of these connections, as read last, each once, by name."""
    found: dict[str, Owner] = {}
    for name in connections:
        known = store.connection(name).get_memo("surroundings.highlevel") or {}
        found |= {each["id"]: Owner(**each) for each in known.get("users", ())}
    return sorted(found.values(), key=lambda each: (each.name.casefold(), each.id))


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """People of one workspace.

    Attributes:
        team: The workspace's id.
        owners: HighLevel's users.
    """

    team: str
    owners: tuple[Owner, ...]
    _shelf: SlackShelf
    _keys: SlackKeys
    _at: datetime

    def list_people(self) -> list[Person]:
        """Everybody the bot has met."""
        return self._shelf.people.list_people(self.team)

    async def find(self, typed: str) -> Person:
        """A member by id or e-mail; one never met is made.

        Raises:
            UseError: Slack knows nobody of that e-mail.
            VendorError: Slack could not be asked.
        """
        user = typed if "@" not in typed.strip("@") else await self._by_email(typed)
        user = user.strip("<>@").partition("|")[0]
        if not user.isalnum() or user[:1] not in {"U", "W"}:
            raise UseError(
                f"{typed} is neither a member id nor an e-mail address",
                unchanged=_UNCHANGED,
                remedy="Copy the member id from the person's profile in Slack (U...)",
            )
        return self._shelf.people.find_person(self.team, user) or Person(self.team, user)

    def grant(self, person: Person, role: Role) -> Person:
        """Give a role in place of the one before; it counts once the person is linked."""
        changed = replace(person, role=role)
        self._keep(changed, "admin grant" if role else "admin revoke", role.word)
        return changed

    def link(self, person: Person, typed: str) -> Person:
        """Say which HighLevel user a member is.

        Raises:
            UseError: There is no such user, or several.
        """
        wanted = typed.casefold()
        found = [
            each
            for each in self.owners
            if wanted in {each.id.casefold(), each.email.casefold(), each.name.casefold()}
        ]
        if len(found) != 1:
            raise UseError(
                f"{len(found) or 'No'} HighLevel users are called {typed}",
                unchanged=_UNCHANGED,
                remedy="Name one by id or e-mail; `hightonic sync` reads them anew",
            )
        changed = link_person(person, found[0].id)
        self._keep(changed, "me link", found[0].id)
        return changed

    def choose_linking(self, rule: LinkingRule) -> None:
        """How members link themselves from now on."""
        put_linking_rule(self._shelf.people, self.team, rule)

    def linking(self) -> LinkingRule:
        """How members link themselves."""
        return linking_rule(self._shelf.people, self.team)

    def check_audit(self) -> AuditCheck:
        """Whether every stored line of the workspace's audit follows the one before."""
        audit = self._shelf.audit
        newest = audit.newest(self.team)
        lines = audit.list_until(self.team, newest.seq) if newest else []
        head = lines[-1].hash if lines else Digest("")
        return AuditCheck(len(lines), head, check_lines(lines, is_whole=True))

    def _keep(self, person: Person, command: str, outcome: str) -> None:
        self._shelf.people.put_person(person)
        audit = self._shelf.audit
        audit.append(
            AuditLine(
                self.team,
                self._at,
                audit.subject_of(self.team, person.user),
                "terminal",
                command,
                "done",
                "command line",
                outcome=outcome,
            )
        )

    async def _by_email(self, email: str) -> str:
        async with SlackCaller(base_url=self._keys.app().base_url) as caller:
            token = await self._keys.token(self.team)
            try:
                found = await caller.call("users.lookupByEmail", {"email": email}, token=token)
            except RejectedError as error:
                raise UseError(
                    f"Slack finds nobody by that e-mail ({error.vendor_message})",
                    unchanged=_UNCHANGED,
                    remedy="Give the member id instead (U...)",
                ) from error
        return str(found.body["user"]["id"])


@contextmanager
def open_people(home: Home, team: str = "") -> Iterator[PeopleDesk]:
    """The people of a workspace, beside a running service.

    Args:
        home: Where they are kept.
        team: The workspace; may be left out while there is only one.

    Raises:
        UseError: No workspace, or several, or not that one.
        StateError: The home cannot be used.
    """
    if not home.path.exists():
        raise _not_connected()
    config = load_config(home.config_path) if home.config_path.exists() else None
    with open_whole(home) as (store, vault):
        clock = SystemClock()
        keys = SlackKeys(store, vault, clock=clock)
        owners = list_owners(store, tuple(config.connections) if config else ())
        chosen = _choose_team(keys.teams(), team)
        yield PeopleDesk(chosen, tuple(owners), store.slack, keys, clock.now())


def _choose_team(teams: list[str], typed: str) -> str:
    if typed in teams:
        return typed
    if len(teams) == 1 and not typed:
        return teams[0]
    if not teams:
        raise _not_connected()
    happened = (
        f"The app is not installed in {typed}" if typed else "There are several workspaces"
    )
    raise UseError(
        happened, unchanged=_UNCHANGED, remedy=f"Name one with --team: {', '.join(teams)}"
    )


def _not_connected() -> UseError:
    return UseError(
        "Slack is not connected", unchanged=_UNCHANGED, remedy="Run `hightonic connect slack`"
    )
