"""What people wrote in Slack, as they read it: without its marks for names and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_MARK: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_PERSON: Final = re.compile(r"<@([UW]\w+)>")
_ADDRESSES: Final = ("mailto:", "tel:")


def mentioned(text: str) -> list[str]:
    """Ids of the people a text names, each once, in order."""
    return [*dict.fromkeys(_PERSON.findall(text))]


def readable(text: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A message's text, for a note or a task; lines stay lines.

    Slack writes `<@U1|name>`, `<#C1|name>`, `<!here>`, `<https://..|words>`, and escapes
    `&`, `<` and `>` (docs.slack.dev, formatting message text, read 2026-11).

    Args:
        text: As Slack hands it over.
        names: Id -> name of people, where Slack left it away.
    """
    shown = _MARK.sub(lambda match: _shown(match[1], match[2] or "", names), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _shown(target: str, label: str, names: Mapping[str, str]) -> str:
    mark, id_ = target[0], target[1:]
    if mark in "@#":
        return f"{mark}{(label or names.get(id_, id_)).lstrip('@#')}"
    if mark == "!":
        return f"@{(label or id_.partition('^')[0]).lstrip('@')}"
    for scheme in _ADDRESSES:
        if target.startswith(scheme):
            return label or target.removeprefix(scheme)
    return f"{label} ({target})" if label and label != target else target
