"""What brakes hold of rules, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from toolkit.cli.render.words import bullet_list, count, show_counts

if TYPE_CHECKING:
    from toolkit.model.outcomes import HeldRules


def render_held(held: Iterable[HeldRules]) -> Iterator[RenderableType]:
    """What brakes hold of rules, each with the command that releases it."""
    for each in held:
        yield bullet_list(
            f"Held back by a brake: {count(each.operations, 'write')} that rules ask for "
            f"({show_counts(each.rules)})",
            [
                *each.brakes,
                "To look closer:    hightonic rules firings --waiting",
                f"If this is right:  hightonic sync --approve {each.approval}",
            ],
        )
