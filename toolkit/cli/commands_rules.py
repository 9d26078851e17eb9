"""Commands about automations: rules list, show, preview, firings, unpark, retry."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.place import Place, command
from toolkit.cli.voice import note, say, say_json

PANEL = "Automations"

rules_app = typer.Typer(
    help="Rules of hightonic.yaml: what they are, what they would do, what they did.",
    no_args_is_help=True,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A rule as `rules list` names it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(rules_app, name="rules", rich_help_panel=PANEL)
    command(rules_app, "list", panel=PANEL)(list_rules)
    command(rules_app, "show", panel=PANEL)(show)
    command(rules_app, "preview", panel=PANEL)(preview)
    command(rules_app, "firings", panel=PANEL)(firings)
    command(rules_app, "unpark", panel=PANEL)(unpark)
    command(rules_app, "retry", panel=PANEL)(retry)


def list_rules(place: Place) -> None:
    """List the rules, those of recipes first, with what became of their firings."""
    from toolkit.cli.render.rules import render_rules, rules_json
    from toolkit.cli.work import look

    entries, held = look(place, lambda opened: (opened.rules.list(), opened.rules.held()))
    if place.as_json:
        say_json(rules_json(entries, held))
    else:
        say(render_rules(entries, held))


def show(place: Place, *, name: NameArgument) -> None:
    """Show one rule in full, as the settings would say it; recipes' rules too."""
    from toolkit.cli.render.rules import render_rule, rule_json
    from toolkit.cli.work import look

    entry = look(place, lambda opened: opened.rules.get(name))
    if place.as_json:
        say_json(rule_json(entry))
    else:
        say(render_rule(entry))


def preview(
    place: Place,
    *,
    name: NameArgument,
    values: Annotated[
        bool, typer.Option("--values", help="Show the values, personal ones included.")
    ] = False,
) -> None:
    """See what a rule would do if its moment came now for every contact; nothing is written."""
    from toolkit.cli.render.rules import preview_json, render_preview
    from toolkit.cli.work import work

    found = work(
        place,
        lambda opened, _progress: opened.rules.preview(name),
        is_writing=False,
        read_only=True,
    ).value
    if place.as_json:
        say_json(preview_json(found))
    else:
        say(render_preview(found, with_values=values))


def firings(
    place: Place,
    *,
    rule: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this rule.")] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what failed or was refused.")
    ] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only what waits or is held back.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 50,
) -> None:
    """List what fired, newest first: the rule, what it answered and what became of it."""
    from toolkit.cli.render.rules import firings_json, render_firings
    from toolkit.cli.work import look
    from toolkit.store.firings import FiringState

    wanted = [FiringState.FAILED, FiringState.REFUSED] if failed else []
    wanted += [FiringState.WAITING, FiringState.HELD] if waiting else []
    entries = look(
        place,
        lambda opened: opened.rules.firings(rule, states=wanted or None, limit=limit),
    )
    if place.as_json:
        say_json({"firings": firings_json(entries)})
    else:
        say(render_firings(entries))


def unpark(place: Place, *, name: NameArgument) -> None:
    """Let a rule that led to itself work again; what happened meanwhile is then answered."""
    from toolkit.cli.work import look

    was_parked = look(place, lambda opened: opened.rules.unpark(name))
    if place.as_json:
        say_json({"rule": name, "was_parked": was_parked})
    elif was_parked:
        note(f"The rule {name} works again from the next run on.")
    else:
        note(f"The rule {name} was not parked.")


def retry(
    place: Place,
    *,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Only this rule's; all when left out."),
    ] = None,
) -> None:
    """Let failed firings be tried again by the next run."""
    from toolkit.cli.render.words import count
    from toolkit.cli.work import look

    number = look(place, lambda opened: opened.rules.retry(name))
    if place.as_json:
        say_json({"again": number})
    else:
        ending = ": hightonic sync" + place.typed_connection if number else "."
        note(f"{count(number, 'firing')} will be tried again by the next run{ending}")
