"""How the durable engine stores arguments and endings: as JSON, never as pickles.

Whoever can write a pickle into the database could run code here, and a renamed class would
strand the work that mentions it.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

NAME: Final = "hightonic_json"
_ERROR: Final = "__error__"


class JsonSerializer:
    """Has the shape of `dbos.Serializer`."""

    def name(self) -> str:
        """Stored beside every value, so that it is read back with the same."""
        return NAME

    def serialize(self, data: Any) -> str:  # noqa: ANN401 — anything may be asked for
        """JSON of a value; of an error its class name alone, its text may hold values.

        Raises:
            TypeError: It is not JSON.
            ValueError: It holds NaN or an infinity.
        """
        if isinstance(data, BaseException):
            data = {_ERROR: type(data).__name__}
        return json.dumps(data, allow_nan=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 — as it was stored
        """The value; an error comes back as a `RuntimeError` that names its class."""
        match json.loads(serialized_data):
            case {"__error__": str(kind)}:
                return RuntimeError(kind)
            case value:
                return value


def refuse_pickles(pickling: type[Any]) -> None:
    """Make DBOS's own serializer read nothing; it is used for rows that ask for it."""
    pickling.deserialize = _refuse


def _refuse(_serializer: object, _stored: str) -> NoReturn:
    raise ValueError("A pickle in the engine's database is not read")
