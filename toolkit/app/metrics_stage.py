"""The last step of a comparison: the day's figures are taken, and shown where wanted."""

from __future__ import annotations

from toolkit.app.day_figures import DayFigures, SyncHealth
from toolkit.app.metrics_day import MetricsBook
from toolkit.app.report import failures_of
from toolkit.app.run_book import RunRecord
from toolkit.app.wiring import Parts


def take_figures(parts: Parts, run: RunRecord) -> DayFigures:
    """Count the day anew as this run leaves it; a second call counts nothing twice."""
    failures = failures_of(run.outcomes)
    began_at = run.started_at.isoformat()
    health = SyncHealth(
        last_run_at=began_at,
        equal_at="" if failures else began_at,
        failures=len(failures),
        duration_s=round((parts.now() - run.started_at).total_seconds(), 3),
    )
    book = MetricsBook(parts.config, parts.store, now=parts.now)
    return book.take(health, sent=parts.meter.since(run.calls_before))
