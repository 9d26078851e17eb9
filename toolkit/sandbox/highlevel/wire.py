"""Small vendor notations: stamps, ids, JSON text."""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dateutil.parser import isoparse

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_ALPHANUMERIC: Final = string.ascii_letters + string.digits


def stamp(at: datetime) -> str:
    """ISO 8601, UTC, milliseconds, `Z`."""
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, as cursors carry them."""
    return (at - _EPOCH) // _MILLISECOND


def from_epoch_ms(milliseconds: int) -> datetime:
    """The moment of a cursor."""
    return _EPOCH + milliseconds * _MILLISECOND


def read_moment(value: str) -> datetime:
    """An ISO 8601 text as aware UTC, to the millisecond; without a zone it is taken as UTC."""
    at = isoparse(value)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def to_text(value: Any) -> str:  # noqa: ANN401 — whatever JSON can say
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mend_surrogates(value: Any) -> Any:  # noqa: ANN401 — whatever JSON can say
    """The value with lone surrogates replaced, as a JavaScript server writes them out."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [mend_surrogates(one) for one in value]
        case dict():
            return {mend_surrogates(key): mend_surrogates(one) for key, one in value.items()}
        case _:
            return value


class Ids:
    """Repeatable ids in the vendor's shapes."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"highlevel ids {seed}")

    def short(self) -> str:
        """20 mixed-case letters and digits."""
        return "".join(self._rng.choices(_ALPHANUMERIC, k=20))

    def hexadecimal(self) -> str:
        """24 hexadecimal digits."""
        return f"{self._rng.getrandbits(96):024x}"

    def uuid(self) -> str:
        """A UUID, version 4."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def pit(self) -> str:
        """A private integration token."""
        return f"pit-{self.uuid()}"

    def jwt(self) -> str:
        """Something that looks like a signed token; it is opaque to us as to its bearer."""
        head = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
        body = base64.urlsafe_b64encode(self._rng.randbytes(48)).decode()
        return f"{head}.{body}.{self.short()}{self.short()}"
