"""The service's numbers in Prometheus's words (prometheus.io/docs/practices/naming)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from toolkit.app.measures import Measures


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric: the field of `Measures` it shows, and the names of its labels."""

    field: str
    name: str
    meaning: str
    labels: tuple[str, ...]


_COUNTS: Final = (
    _Family(
        "runs", "hightonic_runs", "Runs by how they ended.", ("connection", "verb", "state")
    ),
    _Family(
        "operations",
        "hightonic_operations",
        "Writes by what became of them.",
        ("connection", "side", "outcome"),
    ),
    _Family("calls", "hightonic_calls", "Calls sent to each service.", ("connection", "side")),
    _Family(
        "webhooks",
        "hightonic_webhooks",
        "Deliveries by what became of them.",
        ("side", "result"),
    ),
    _Family(
        "unknown_events",
        "hightonic_unknown_events",
        "Stored events of no known type.",
        ("side",),
    ),
)
_GAUGES: Final = (
    _Family(
        "lag_s", "hightonic_lag_seconds", "Since both sides were last equal.", ("connection",)
    ),
    _Family("queue", "hightonic_inbox_events", "Events kept.", ("connection", "state")),
    _Family(
        "quota_left",
        "hightonic_quota_left_calls",
        "Calls left in a window.",
        ("connection", "side", "window"),
    ),
    _Family(
        "webhook_gap",
        "hightonic_webhook_gap_changes",
        "Changes of the last comparison that no webhook told of.",
        ("connection", "side"),
    ),
    _Family("records", "hightonic_records", "Records in step.", ("connection", "kind")),
    _Family("tasks", "hightonic_tasks", "Tasks by how they stand.", ("connection", "state")),
    _Family(
        "steps",
        "hightonic_contacts_today",
        "Contacts that were new, or won, on the day looked at last.",
        ("connection", "step"),
    ),
    _Family(
        "stages",
        "hightonic_contacts_by_stage",
        "Contacts by lifecycle stage; the ten largest and the others.",
        ("connection", "stage"),
    ),
    _Family(
        "sources",
        "hightonic_contacts_by_source",
        "Contacts by source; the ten largest and the others.",
        ("connection", "source"),
    ),
    _Family(
        "conflicts", "hightonic_conflicts", "Fields that wait for a person.", ("connection",)
    ),
)


class MeasuresCollector(Collector):
    """Takes one reading at each question, so that nothing is counted twice."""

    def __init__(self, read: Callable[[], Measures]) -> None:
        self._read = read

    def describe(self) -> Iterator[Metric]:
        """The names, without a reading: registering must not touch the store."""
        for family in _COUNTS:
            yield CounterMetricFamily(family.name, family.meaning, labels=family.labels)
        for family in _GAUGES:
            yield GaugeMetricFamily(family.name, family.meaning, labels=family.labels)

    def collect(self) -> Iterator[Metric]:
        """All metrics of one reading."""
        measures = self._read()
        for family in _COUNTS:
            metric = CounterMetricFamily(family.name, family.meaning, labels=family.labels)
            yield _filled(metric, _values(measures, family))
        for family in _GAUGES:
            gauge = GaugeMetricFamily(family.name, family.meaning, labels=family.labels)
            yield _filled(gauge, _values(measures, family))


def build_registry(read: Callable[[], Measures]) -> CollectorRegistry:
    """A registry of its own: a second service in one process does not meet the first."""
    registry = CollectorRegistry()
    registry.register(MeasuresCollector(read))
    return registry


def _values(measures: Measures, family: _Family) -> Mapping[tuple[str, ...], float]:
    values: Mapping[tuple[str, ...], float] = getattr(measures, family.field)
    return values


def _filled(
    metric: CounterMetricFamily | GaugeMetricFamily, values: Mapping[tuple[str, ...], float]
) -> Metric:
    for labels, value in values.items():
        metric.add_metric(labels, value)
    return metric
