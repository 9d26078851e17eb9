"""What the last plan wants a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select

from toolkit.model.plan import Ambiguity, Finding
from toolkit.store.schema import finding
from toolkit.store.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.model.ids import RunId

_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)
_AMBIGUITY: TypeAdapter[Ambiguity] = TypeAdapter(Ambiguity)


class Findings(Shelf):
    """Holds one plan's findings and ambiguities at a time."""

    def put_findings(
        self,
        run_id: RunId,
        findings: Sequence[Finding],
        ambiguities: Sequence[Ambiguity] = (),
    ) -> None:
        """Replace what is kept."""
        bodies = [("finding", _FINDING.dump_json(each).decode()) for each in findings]
        bodies += [("ambiguity", _AMBIGUITY.dump_json(each).decode()) for each in ambiguities]
        rows = [
            {
                "connection": self.name,
                "position": position,
                "run_id": run_id,
                "shape": shape,
                "body": body,
            }
            for position, (shape, body) in enumerate(bodies)
        ]
        with self._transactions.writing() as connection:
            connection.execute(delete(finding).where(finding.c.connection == self.name))
            if rows:
                connection.execute(insert(finding), rows)

    def list_findings(self) -> list[Finding]:
        """Findings of the last plan, in its order."""
        return [_FINDING.validate_json(body) for body in self._bodies("finding")]

    def list_ambiguities(self) -> list[Ambiguity]:
        """Ambiguities of the last plan, in its order."""
        return [_AMBIGUITY.validate_json(body) for body in self._bodies("ambiguity")]

    def _bodies(self, shape: str) -> Sequence[str]:
        query = (
            select(finding.c.body)
            .where(finding.c.connection == self.name, finding.c.shape == shape)
            .order_by(finding.c.position)
        )
        with self._transactions.reading() as connection:
            return connection.scalars(query).all()
