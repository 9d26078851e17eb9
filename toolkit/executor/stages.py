"""A plan cut into the stages and batches in which it is carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from toolkit.executor.port import SystemPort
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Write


@dataclass(frozen=True, slots=True)
class Stage:
    """Writes of one kind and verb: all of it ends before the next stage starts."""

    kind: Kind
    verb: str
    by_side: Mapping[Side, tuple[Write, ...]]

    @property
    def size(self) -> int:
        """Number of writes."""
        return sum(len(writes) for writes in self.by_side.values())


def split_stages(writes: Sequence[Write]) -> Iterator[Stage]:
    """Consecutive writes of one kind and verb, in the plan's order."""
    for (kind, verb), group in groupby(writes, key=lambda write: (write.kind, write.op)):
        members = tuple(group)
        by_side = {side: tuple(w for w in members if w.side is side) for side in Side}
        yield Stage(kind, verb, {side: ws for side, ws in by_side.items() if ws})


def split_batches(writes: Sequence[Write], *, port: SystemPort) -> Iterator[tuple[Write, ...]]:
    """Batches no larger than one call can carry; archive and delete never mix."""
    for _, group in groupby(writes, key=_batch_key):
        members = tuple(group)
        size = max(1, port.batch_size(members[0].kind, members[0].op))
        for start in range(0, len(members), size):
            yield members[start : start + size]


def _batch_key(write: Write) -> str:
    return getattr(write, "mode", write.op)
