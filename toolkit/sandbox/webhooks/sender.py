"""HighLevel's webhook sender: every change of the emulated location, signed, to one address."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import httpx

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.highlevel.changes import Changed, Event
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import stamp
from toolkit.sandbox.webhooks.delivery import CAPACITY, Attempt, Delivery, DeliveryQueue, Lost
from toolkit.sandbox.webhooks.faults import DeliveryFaults
from toolkit.sandbox.webhooks.payloads import bare_task, describe, to_body
from toolkit.sandbox.webhooks.posting import check_url, open_client, pump
from toolkit.sandbox.webhooks.retry import Policy
from toolkit.sandbox.webhooks.signing import Signature, Signer

_SETTINGS: Final = frozenset({"target", "policy", "signature", "faults"})


class HighLevelWebhooks:
    """Idle until it has a target. A served sandbox sends by itself; else a test pumps.

    Args:
        state: Whose changes.
        clock: Stamps the events and times the retries.
        seed: Of the key pair and of the webhook ids.
        capacity: Deliveries kept at most; what comes on top is lost.

    Attributes:
        queue: What waits, and what became of the rest.
        signer: The key pair.
        target: Where events go; None while nobody listens.
    """

    def __init__(
        self,
        state: HighLevelState,
        *,
        clock: EmulatorClock,
        seed: int,
        capacity: int = CAPACITY,
    ) -> None:
        self._state = state
        self._clock = clock
        self._ids = Random(f"webhook ids {seed}")
        self._gaps = Random()
        self._signature = Signature.ED25519
        self._transport: httpx.AsyncBaseTransport | None = None
        self.queue = DeliveryQueue(clock, policy=Policy.ONLY_429, capacity=capacity)
        self.signer = Signer(seed)
        self.target: str | None = None
        self._draw_afresh()

    def configure(
        self,
        *,
        target: str | None = None,
        policy: Policy | str | None = None,
        faults: DeliveryFaults | None = None,
        signature: Signature | str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Change what is given, keep the rest.

        Args:
            target: Address on 127.0.0.1; waiting deliveries go there as well. Events count from
                the first target on: what was stored before is known, not news.
            policy: `only_429` (default) or `backoff`.
            faults: Replaces the faults in force, and starts their draws afresh.
            signature: `ed25519` (default), `rsa`, or `both`.
            transport: In place of sockets, for `pump` alone; any address will do then.

        Raises:
            UseError: The address is none, or not on this machine; nothing was changed.
        """
        chosen_transport = transport or self._transport
        if target is not None:
            check_url(target, has_transport=chosen_transport is not None)
        chosen_policy = _choose(Policy, policy or self.queue.policy)
        self._signature = _choose(Signature, signature or self._signature)
        self._transport, self.queue.policy = chosen_transport, chosen_policy
        if faults is not None:
            self.queue.set_faults(faults)
            self._draw_afresh()
        if target is not None:
            self.target = target
            self.queue.retarget(target)
            self._state.changes.listen(self._take_event)

    def disable(self) -> None:
        """Nobody listens any more, and what waits is forgotten; a second call changes nothing."""
        self.target = None
        self._state.changes.listen(None)
        self.queue.clear()

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """What is not settled yet, in the order in which it is due."""
        return self.queue.pending

    @property
    def attempts(self) -> list[Attempt]:
        """The tries so far, oldest first."""
        return list(self.queue.attempts)

    @property
    def lost(self) -> list[Lost]:
        """The events, and copies of events, that were dropped or given up, oldest first."""
        return list(self.queue.lost)

    async def pump(self) -> list[Attempt]:
        """Send what is due at the emulator's time, one after another; returns the tries.

        Failed deliveries wait as the policy says: move the clock and pump again.
        """
        async with open_client(self._transport) as client:
            return await pump(self.queue, client)

    def set_json(self, given: Any) -> None:  # noqa: ANN401 — before validation
        """`configure` by a JSON object; `"target": null` is `disable`.

        Raises:
            UseError: An unknown name, or a value that cannot be.
        """
        if not isinstance(given, Mapping) or not set(given) <= _SETTINGS:
            raise UseError(f"Send an object with some of {sorted(_SETTINGS)}")
        faults = given.get("faults")
        if not isinstance(faults, Mapping | None):
            raise UseError("faults is an object")
        self.configure(
            target=_text(given, "target"),
            policy=_text(given, "policy"),
            signature=_text(given, "signature"),
            faults=None if faults is None else DeliveryFaults.from_json(faults),
        )
        if "target" in given and given["target"] is None:
            self.disable()

    def to_json(self) -> dict[str, Any]:
        """Keys, settings and counters."""
        shown: dict[str, Any] = {
            "public_key_pem": self.signer.public_key_pem,
            "app_id": self._state.oauth.app_id,
            "target": self.target,
            "policy": self.queue.policy.value,
            "signature": self._signature.value,
            "faults": self.queue.faults.to_json(),
            **self.queue.counts(),
        }
        if self._signature is not Signature.ED25519:
            shown["legacy_public_key_pem"] = self.signer.legacy_public_key_pem
        return shown

    def _take_event(self, event: Event, changed: Changed) -> None:
        """Word, sign and queue one event, in the thread of the change."""
        faults = self.queue.faults
        payload = describe(event, changed, self._state)
        is_bare, is_unsigned = self._gaps.random(), self._gaps.random()
        if event == "TaskCreate" and is_bare < faults.bare_task_share:
            payload = bare_task(payload)
        webhook_id, app_id = self._uuid(), self._state.oauth.app_id
        # Not in the published samples, but in real deliveries (issue 264 of the vendor's docs).
        payload |= {
            "timestamp": stamp(self._clock.now()),
            "webhookId": webhook_id,
            "appId": app_id,
            "versionId": app_id,
        }
        body = to_body(payload)
        signed = self.signer.headers(
            body, self._signature, is_unsigned=is_unsigned < faults.unsigned_share
        )
        self.queue.put(
            Delivery(
                id=webhook_id,
                event=event,
                record_id=changed.id,
                url=self.target or "",
                body=body,
                # Equal in every retry, as third parties report (read 2026-11).
                headers=(
                    ("Content-Type", "application/json"),
                    ("deliveryId", self._uuid()),
                    *signed,
                ),
            )
        )

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))

    def _draw_afresh(self) -> None:
        self._gaps = Random(f"gaps {self.queue.faults.seed}")


def _choose(kind: type[Any], given: str) -> Any:  # noqa: ANN401 — a member of the kind
    try:
        return kind(given)
    except ValueError as unknown:
        raise UseError(
            f"There is no {kind.__name__.lower()} {given!r}",
            remedy=f"Use one of {', '.join(str(one) for one in kind)}",
        ) from unknown


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise UseError(f"{name} is a text")
    return value
