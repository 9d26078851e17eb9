"""The ASGI application: which address is answered by what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from toolkit.app.oauth_consent import CALLBACK_PATH
from toolkit.server.bodies import BodyLimits
from toolkit.server.consents import ConsentDoor
from toolkit.server.metrics import build_registry
from toolkit.server.watching import WatchDoor
from toolkit.server.webhooks import WebhookDoor

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from toolkit.app.intake_highlevel import HighLevelIntake
    from toolkit.app.intake_timetonic import TimeTonicIntake
    from toolkit.app.measures import Measures, Readiness
    from toolkit.app.oauth_consent import Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDeps:
    """What the doors need of the service.

    Attributes:
        highlevel: Takes HighLevel's webhooks.
        timetonic: Takes TimeTonic's calls.
        consent: Takes people back from HighLevel; None leaves that address out.
        readiness: Looks at store, engine and credentials.
        measures: One reading of the numbers; called in a thread.
        limits: On bodies.
    """

    highlevel: HighLevelIntake
    timetonic: TimeTonicIntake
    readiness: Callable[[], Awaitable[Readiness]]
    measures: Callable[[], Measures]
    consent: Consent | None = None
    limits: BodyLimits = field(default_factory=BodyLimits)


def build_app(deps: ServerDeps, doors: Mapping[str, ASGIApp] | None = None) -> Starlette:
    """The application; it opens nothing and owns nothing that must be closed.

    Args:
        deps: What the doors of our own need.
        doors: Doors of plugged-in services, by path.
    """
    webhooks = WebhookDoor(deps.highlevel, deps.timetonic, limits=deps.limits)
    watch = WatchDoor(deps.readiness, build_registry(deps.measures))
    routes = [
        Route("/webhooks/highlevel", webhooks.highlevel, methods=["POST"]),
        Route("/webhooks/timetonic/{connection}", webhooks.timetonic, methods=["POST"]),
        Route("/healthz", watch.health, methods=["GET"]),
        Route("/readyz", watch.ready, methods=["GET"]),
        Route("/metrics", watch.metrics, methods=["GET"]),
    ]
    if deps.consent:
        consents = ConsentDoor(deps.consent)
        routes.append(Route(CALLBACK_PATH, consents.callback, methods=["GET"]))
    others = [Mount(path, app=door) for path, door in (doors or {}).items()]
    app = Starlette(routes=[*routes, *others])
    # A slash too many is a wrong address, not a reason to send a webhook elsewhere.
    app.router.redirect_slashes = False
    return app
