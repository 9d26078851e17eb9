"""Fields, their lists, and views: what a smart table is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

TEXT_TYPES = frozenset({"shorttext", "mediumtext", "longtext", "email", "phone", "url"})
TALK_TYPES = frozenset({"comments", "activity"})
UNWRITABLE_TYPES = TALK_TYPES | {"files"}


@dataclass(frozen=True, slots=True)
class Choices:
    """The labels of a list field. Not strict means free labels are taken too."""

    labels: tuple[str, ...]
    is_strict: bool = False
    is_multiple: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `links_to` is the id of the table a `link` field points to.

    `extra` holds metadata keys that differ from the usual, as they go on the wire.
    """

    id: int
    name: str
    type: str
    code: str | None = None
    choices: Choices | None = None
    links_to: int | None = None
    has_time: bool = False
    is_read_only: bool = False
    sys_func: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def fixed_code(self) -> str:
        """The slug of the name that the server derives once."""
        return slug(self.name)

    @property
    def is_text(self) -> bool:
        """Whether a cell holds one text (single-choice lists are texts)."""
        return self.type in TEXT_TYPES and not self.is_multiple

    @property
    def is_multiple(self) -> bool:
        """Whether a cell holds several labels."""
        return self.choices is not None and self.choices.is_multiple

    @property
    def is_writable(self) -> bool:
        """Whether createOrUpdateTableRow may set it."""
        blocked = self.is_read_only or self.sys_func is not None
        return not blocked and self.type not in UNWRITABLE_TYPES


@dataclass(frozen=True, slots=True)
class View:
    """A saved view.

    `filter_group` is None when it shows every row; `card` holds card settings that differ from
    the usual.
    """

    id: int
    name: str
    filter_group: Mapping[str, object] | None = None
    card: Mapping[str, object] = field(default_factory=dict)


def slug(name: str) -> str:
    """`First name` as `first_name`; accents go, other signs become underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
