"""Messages of rules, as a table and as JSON; their bodies stay sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.log import show_moment
from toolkit.cli.render.words import count, table

if TYPE_CHECKING:
    from toolkit.app.delivering import Delivered
    from toolkit.store import DeliveryEntry

ID_LENGTH = 12
"""Digits of an id that are shown; commands take any beginning."""


def render_deliveries(entries: Sequence[DeliveryEntry]) -> Iterator[RenderableType]:
    """One line a message, newest first."""
    if not entries:
        yield Text("There is no such message.")
        return
    made = table(
        "Id", "Since (UTC)", "Rule", "To", "State", "Tries", "Last problem", whole=("Id",)
    )
    for each in entries:
        made.add_row(
            each.id[:ID_LENGTH],
            show_moment(each.at),
            each.rule,
            each.target if each.channel == "url" else f"{each.channel} {each.target}",
            each.state.value,
            str(each.tries),
            each.error or "-",
        )
    yield made


def deliveries_json(entries: Iterable[DeliveryEntry]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "id": each.id,
            "rule": each.rule,
            "channel": each.channel,
            "to": each.target,
            "state": each.state.value,
            "tries": each.tries,
            "at": _stamp(each.at),
            "not_before": _stamp(each.not_before),
            "ended_at": _stamp(each.ended_at),
            "error": each.error,
        }
        for each in entries
    ]


def render_delivered(done: Delivered) -> Iterator[RenderableType]:
    """What a round of sending did."""
    parts = [f"{count(done.sent, 'message')} sent", f"{done.failed} not delivered"]
    yield Text(", ".join([*parts, f"{done.dead} given up"] if done.dead else parts) + ".")


def _stamp(at: Any) -> str | None:  # noqa: ANN401 — a moment or None
    return None if at is None else at.isoformat().replace("+00:00", "Z")
