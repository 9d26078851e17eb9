"""What somebody typed into a cell, read as the mapping would read it from a record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.app.decisions import Reading
from toolkit.app.field_options import closed_options
from toolkit.errors import UseError
from toolkit.mapping.context import Context, Owner
from toolkit.model.ids import Kind, LinkId, RecordId
from toolkit.model.plan import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.app.config import ConnectionConfig
    from toolkit.mapping.spec import KindMapping
    from toolkit.model.values import Value


def context_of(config: ConnectionConfig, known: Mapping[str, Any]) -> Context:
    """Users, region and zone of the location, as the store remembers them."""
    return Context(
        users=tuple(Owner(**user) for user in known.get("users", ())),
        default_region=config.sync.default_region or known.get("country", "US"),
        tz=config.sync.time_zone or known.get("tz", "UTC"),
    )


class CellReader:
    """Reads typed values of contacts' fields; asks no service."""

    def __init__(
        self,
        mapping: KindMapping,
        context: Context,
        *,
        options: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._mapping = mapping
        self._context = context
        self._options = options or {}
        self._readings: dict[str, Reading] = {}

    @classmethod
    def of(cls, config: ConnectionConfig, known: Mapping[str, Any]) -> CellReader:
        """A reader for one connection.

        Args:
            config: The connection.
            known: What the store remembers of the location; empty before connecting.
        """
        mapping = config.mapping.kinds[Kind.CONTACT]
        options = closed_options(mapping, known)
        return cls(mapping, context_of(config, known), options=options)

    def read(self, name: str, typed: Value) -> Value:
        """The value both sides shall show; None where the field shall be blank.

        Raises:
            UseError: The value does not fit; names the field and the reason, not the value.
        """
        # A decided conflict is read by the same rules; which one it is does not matter.
        nobody = Conflict(
            LinkId(""), Kind.CONTACT, name, RecordId(""), RecordId(""), None, None, None
        )
        return self._reading_of(name).value_for(nobody, typed)

    def problem(self, name: str, typed: Value) -> str:
        """Why a typed value does not fit, in a clause; empty where it does."""
        try:
            self.read(name, typed)
        except UseError as error:
            return error.happened.split(": ", 1)[-1]
        return ""

    def _reading_of(self, name: str) -> Reading:
        # A mapping of this field alone: a reading builds converters of all it is given, each
        # time, and a pasted block asks some ten thousand times.
        if name not in self._readings:
            field = self._mapping.find_field(name)
            alone = replace(self._mapping, fields=() if field is None else (field,))
            self._readings[name] = Reading(
                {Kind.CONTACT: alone}, self._context, options={Kind.CONTACT: self._options}
            )
        return self._readings[name]
