"""Somebody who takes webhooks in, and answers as told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

TARGET = "http://receiver.invalid/webhooks/highlevel"


@dataclass
class Receiver:
    """Answers 200, or first what `script` holds; 0 stands for a connection that breaks."""

    script: list[int] = field(default_factory=list)
    always: int = 200
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.script.pop(0) if self.script else self.always
        if status == 0:
            raise httpx.ConnectError("nobody is there", request=request)
        return httpx.Response(status)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def events(self) -> list[str]:
        return [payload["type"] for payload in self.payloads]
