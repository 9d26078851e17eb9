"""Commands of Slack: connect slack, slack manifest, slack audit, slack people."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toolkit.cli import commands_connect
from toolkit.cli.ask import read_secret
from toolkit.cli.place import Place, command
from toolkit.cli.voice import say, say_json
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.slack_people import PeopleDesk
    from toolkit.app.slack_setup import SlackTokens
    from toolkit.model.chat_people import Person

PANEL = "Set up"
SLACK_URL = "https://slack.com/api/"
SEVERAL = "For several workspaces"

slack_app = typer.Typer(
    help="The app's manifest, and who may do what through Slack.", no_args_is_help=True
)
people_app = typer.Typer(help="Who may do what through Slack.", no_args_is_help=True)

RoleName = Literal["viewer", "editor", "operator", "approver", "admin"]
WhoArgument = Annotated[
    str, typer.Argument(metavar="WHO", help="Member id (U...) or e-mail address.")
]
TeamOption = Annotated[
    str, typer.Option(help="Which workspace; may be left out while there is only one.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(commands_connect.connect_app, "slack", panel="Services")(connect_slack)
    app.add_typer(slack_app, name="slack", rich_help_panel=PANEL)
    command(slack_app, "manifest", panel=PANEL)(manifest)
    command(slack_app, "audit", panel=PANEL)(audit)
    slack_app.add_typer(people_app, name="people")
    command(people_app, "list", panel=PANEL)(list_people)
    command(people_app, "grant", panel=PANEL)(grant)
    command(people_app, "revoke", panel=PANEL)(revoke)
    command(people_app, "link", panel=PANEL)(link)
    command(people_app, "linking", panel=PANEL)(linking)


def connect_slack(  # noqa: PLR0913 — one option per thing Slack needs to know
    place: Place,
    *,
    base_url: Annotated[
        str,
        typer.Option(
            envvar="HIGHTONIC_SLACK_URL",
            help="Where Slack's Web API answers; change it for a sandbox.",
        ),
    ] = SLACK_URL,
    tokens_stdin: Annotated[
        bool,
        typer.Option(
            "--tokens-stdin", help="Read the tokens from standard input, a line each."
        ),
    ] = False,
    http: Annotated[
        bool,
        typer.Option(
            "--http", help="Slack calls --public-url; without it Socket Mode is used."
        ),
    ] = False,
    public_url: Annotated[
        str, typer.Option(help="Where people's browsers reach `hightonic serve`.")
    ] = "",
    client_id: Annotated[
        str,
        typer.Option(help="Client id of an app people install.", rich_help_panel=SEVERAL),
    ] = "",
) -> None:
    """Connect a Slack workspace with the tokens of your app (see `hightonic slack manifest`).

    The bot token, then the app token, come from hidden prompts, from
    HIGHTONIC_SLACK_BOT_TOKEN and HIGHTONIC_SLACK_APP_TOKEN, or from standard input. Both
    are tried before they are stored, encrypted. With --http the signing secret
    (HIGHTONIC_SLACK_SIGNING_SECRET) takes the place of the app token.

    With --client-id nothing but the app's keys is stored, among them
    HIGHTONIC_SLACK_CLIENT_SECRET: workspaces then install the app by themselves.
    """
    from toolkit.app import slack_setup

    if client_id:
        from toolkit.app.slack_keys import AppKeys

        given = AppKeys(
            client_id=client_id,
            client_secret=_read("client secret", "CLIENT_SECRET", from_stdin=tokens_stdin),
            signing_secret=_read("signing secret", "SIGNING_SECRET", from_stdin=tokens_stdin),
            base_url=base_url,
            public_url=public_url,
        )
        said = slack_setup.connect_distributed(place.home, given)
    else:
        tokens = _tokens(is_http=http, from_stdin=tokens_stdin)
        said = asyncio.run(
            slack_setup.connect_slack(
                place.home, tokens, base_url=base_url, public_url=public_url
            )
        )
    next_up = ["hightonic slack people grant you@example.com admin", "hightonic serve"]
    commands_connect.finish(place, said, next_up=next_up)


def _tokens(*, is_http: bool, from_stdin: bool) -> SlackTokens:
    from toolkit.app.slack_setup import SlackTokens

    bot_token = _read("bot token", "BOT_TOKEN", from_stdin=from_stdin)
    if is_http:
        secret = _read("signing secret", "SIGNING_SECRET", from_stdin=from_stdin)
        return SlackTokens(bot_token=bot_token, signing_secret=secret)
    app_token = _read("app token", "APP_TOKEN", from_stdin=from_stdin)
    return SlackTokens(bot_token=bot_token, app_token=app_token)


def _read(what: str, variable: str, *, from_stdin: bool) -> str:
    return read_secret(
        f"Slack {what}",
        variable=f"HIGHTONIC_SLACK_{variable}",
        stdin_option="--tokens-stdin",
        from_stdin=from_stdin,
    )


def manifest(  # noqa: PLR0913 — one option per choice
    place: Place,
    *,
    socket: Annotated[
        bool, typer.Option("--socket", help="Reached by Socket Mode; so it is without --url.")
    ] = False,
    url: Annotated[str, typer.Option(help="Where Slack reaches `hightonic serve`.")] = "",
    more: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="FEATURE", help="Also ask for links, public or chat."),
    ] = None,
    minimal: Annotated[
        bool, typer.Option("--minimal", help="Ask for commands and messages only.")
    ] = False,
    distributed: Annotated[
        bool, typer.Option("--distributed", help="For several workspaces; needs --url.")
    ] = False,
) -> None:
    """Print the manifest to paste at api.slack.com/apps (Create New App, From a manifest).

    YAML; with --json the same as JSON. Nothing is called or stored.
    """
    from toolkit.app.slack_manifest import choose_features, manifest_text, slack_manifest

    if socket and url:
        raise UseError(
            "--socket and --url exclude each other",
            unchanged="No manifest was written",
            remedy="Leave one of them out",
        )
    features = choose_features(more or (), is_minimal=minimal)
    made = slack_manifest(features, url=url, is_distributed=distributed)
    # Past the renderer of tables: it is to be pasted, so no line may be wrapped.
    typer.echo(manifest_text(made, as_json=place.as_json))


def audit(
    place: Place,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="An export to check instead.", exists=True, dir_okay=False
        ),
    ] = None,
    *,
    team: TeamOption = "",
) -> None:
    """Check that no line of the audit was changed or taken out: the stored one, or an export.

    Ends with 1 where one was.
    """
    from toolkit.app.slack_audit_file import check_audit_file
    from toolkit.app.slack_people import open_people

    if file is None:
        with open_people(place.home, team) as desk:
            found = desk.check_audit()
    else:
        found = check_audit_file(file.read_bytes())
    if place.as_json:
        say_json(
            {
                "lines": found.lines,
                "head": found.head,
                "broken_at": found.broken_at,
                "is_whole": found.is_whole,
            }
        )
    elif found.broken_at is None:
        chain = "follow one another" if found.is_whole else "are each as written"
        say([f"{found.lines} lines {chain}; the newest is {found.head or 'none'}."])
    else:
        say([f"Line {found.broken_at} was changed, or one before it is missing."])
    if found.broken_at is not None:
        raise typer.Exit(1)


def list_people(place: Place, *, team: TeamOption = "") -> None:
    """See whom the bot has met, who they are in HighLevel, and what they may do."""
    from toolkit.app.slack_people import open_people

    with open_people(place.home, team) as desk:
        found, names = desk.list_people(), _names(desk)
    if place.as_json:
        say_json({"people": [_person_json(each) for each in found]})
        return
    from toolkit.cli.render.words import table

    made = table("Member", "Role", "HighLevel user", "Is")
    for each in found:
        owner = names.get(each.owner_id, each.owner_id) or "not linked"
        made.add_row(each.user, each.role.word, owner, each.standing.value)
    say([made])


def grant(
    place: Place,
    who: WhoArgument,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", help="What they may do.")],
    *,
    team: TeamOption = "",
) -> None:
    """Give somebody a role: viewer, editor, operator, approver or admin.

    It counts once they are linked to a HighLevel user (`/hightonic me link`).
    """
    _set_role(place, who, role, team=team)


def revoke(place: Place, who: WhoArgument, *, team: TeamOption = "") -> None:
    """Take somebody's role away; they stay linked."""
    _set_role(place, who, "nobody", team=team)


def link(
    place: Place,
    who: WhoArgument,
    owner: Annotated[
        str, typer.Argument(metavar="USER", help="HighLevel user: id, e-mail or name.")
    ],
    *,
    team: TeamOption = "",
) -> None:
    """Say which HighLevel user somebody is, where they cannot link themselves."""
    from toolkit.app.slack_people import open_people

    with open_people(place.home, team) as desk:
        changed = desk.link(asyncio.run(desk.find(who)), owner)
    _tell(place, changed, f"{changed.user} is linked to the HighLevel user {changed.owner_id}.")


def linking(
    place: Place,
    rule: Annotated[
        Literal["email", "url", "both"],
        typer.Argument(metavar="RULE", help="By e-mail, by one-time page, or either."),
    ],
    *,
    team: TeamOption = "",
) -> None:
    """Choose how people link themselves: email (the usual), url, or both.

    With `url` they choose who they are in HighLevel; a role still has to be granted.
    """
    from toolkit.app.slack_people import LinkingRule, open_people

    with open_people(place.home, team) as desk:
        desk.choose_linking(LinkingRule(rule))
    said = f"From now on people link themselves by {rule}."
    if place.as_json:
        say_json({"linking": rule})
    else:
        say([said])


def _set_role(place: Place, who: str, name: str, *, team: str) -> None:
    from toolkit.app.slack_people import open_people
    from toolkit.model.chat_people import Role

    with open_people(place.home, team) as desk:
        changed = desk.grant(asyncio.run(desk.find(who)), Role[name.upper()])
    rest = "" if changed.is_linked or not changed.role else ", once they are linked"
    _tell(place, changed, f"{changed.user} is {changed.role.word} now{rest}.")


def _tell(place: Place, person: Person, sentence: str) -> None:
    if place.as_json:
        say_json(_person_json(person))
    else:
        say([sentence])


def _names(desk: PeopleDesk) -> dict[str, str]:
    return {each.id: each.name for each in desk.owners}


def _person_json(person: Person) -> dict[str, str]:
    return {
        "team": person.team,
        "user": person.user,
        "role": person.role.word,
        "owner_id": person.owner_id,
        "standing": person.standing.value,
    }
