"""Where a command works, and the options every command shares.

`command` adds `--connection`, `--config`, `--home` and `--json` to a function and hands
them over as one `Place`, so that no command repeats them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from toolkit.cli.fail import guarded

if TYPE_CHECKING:
    from toolkit.app.home import Home

P = ParamSpec("P")

SHARED_PANEL = "Options of every command"

ConnectionOption = Annotated[
    str | None,
    typer.Option(
        "--connection",
        "-c",
        metavar="NAME",
        envvar="HIGHTONIC_CONNECTION",
        help="Which connection; may be left out while there is only one.",
        rich_help_panel=SHARED_PANEL,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file; hightonic.yaml in the home folder when left out.",
        rich_help_panel=SHARED_PANEL,
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="Folder with settings and state; HIGHTONIC_HOME, else your user data folder.",
        rich_help_panel=SHARED_PANEL,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Answer with one JSON value and no progress bars.",
        rich_help_panel=SHARED_PANEL,
    ),
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works and how it answers.

    Attributes:
        connection: Name as typed; None means the only one there is.
        config: A settings file other than the home folder's.
        folder: Home folder as typed; None means the default one.
        as_json: Answer for machines: JSON on standard output, no progress.
    """

    connection: str | None = None
    config: Path | None = None
    folder: Path | None = None
    as_json: bool = False

    @property
    def typed_connection(self) -> str:
        """` -c NAME` to end the next command with; empty where none was typed."""
        return f" -c {self.connection}" if self.connection else ""

    @property
    def home(self) -> Home:
        """The home folder in force; nothing is made or read."""
        from toolkit.app.home import Home, default_home

        return Home((self.folder or default_home()).expanduser(), self.config)


_SHARED: dict[str, tuple[Any, object]] = {
    "connection": (ConnectionOption, None),
    "config": (ConfigOption, None),
    "home": (HomeOption, None),
    "as_json": (JsonOption, False),
}


def command(
    app: typer.Typer, name: str, *, panel: str
) -> Callable[[Callable[Concatenate[Place, P], None]], Callable[Concatenate[Place, P], None]]:
    """Register a function whose first argument is a `Place` as the command `name`.

    The function's other parameters become the command's own options; failures end as
    one sentence (`toolkit.cli.fail`). The function itself is returned unchanged.
    """

    def register(
        function: Callable[Concatenate[Place, P], None],
    ) -> Callable[Concatenate[Place, P], None]:
        app.command(name, rich_help_panel=panel)(_with_shared_options(function))
        return function

    return register


def _with_shared_options(
    function: Callable[Concatenate[Place, P], None],
) -> Callable[..., None]:
    def run(**given: Any) -> None:  # noqa: ANN401 — Typer checked them against the hints
        place = Place(
            given.pop("connection"),
            given.pop("config"),
            given.pop("home"),
            given.pop("as_json"),
        )
        with guarded(place.home, as_json=place.as_json):
            bound: Any = function
            bound(place, **given)

    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    parameters = [p.replace(annotation=hints[p.name], kind=p.KEYWORD_ONLY) for p in own] + [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for key, (hint, default) in _SHARED.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__ = _flow(inspect.getdoc(function) or "")
    return run


def _flow(text: str) -> str:
    """Paragraphs without line ends: the terminal's width decides where help wraps."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
